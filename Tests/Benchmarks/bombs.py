"""Reads beside a step that takes what it can get: processes, memory, disk, descriptors, or that prints without end."""

import http.client
import json
import multiprocessing
import pathlib
import statistics
import time

import peers
from rounds import Figure, Row, take_turns

READS_A_SECOND = 200

# Each with the limit that is to end it, and the code that its job ends with; on a slow machine time is over first.
BOMBS = {
    "forks": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", "", "signal"),
    "memory": ("import os\nos.fork(); os.fork()\nx = []\nwhile True: x.append(bytearray(10_000_000))",
               "memoryBytes = 400000000", "memory"),
    "disk": ("n = 0\nwhile True:\n    n += 1\n    open(str(n), 'wb').write(bytes(5_000_000))",
             "outputBytes = 500000000", "output-limit"),
    "descriptors": ("import os, time\nfor n in range(5): os.fork()\ntry:\n    while True: os.pipe()\nexcept OSError: time.sleep(1000)",
                    "", "signal"),
    "output": ("import os\nwhile True: os.write(1, b'x' * 99 + b'\\n')", "printedBytes = 20000000", "output-limit"),
}
CONFIGURATION = "[sandbox]\nsteps = \"on\"\n[limits]\ngrace = \"200ms\"\n" + "".join(
    f"[[pipelines.{name}.steps]]\nname = \"step\"\nrun = [\"python3\", \"-c\", {json.dumps(script)}]\n"
    f"timeout = \"4s\"\n{more}\n" for name, (script, more, _) in BOMBS.items())


class Reader:
    """Reads a job so many times a second, each from when it is due, until it is told that that is enough.

    In a process of its own: looking for what a bomb has left keeps this one's interpreter busy, and its reads would wait for that.
    """

    def __init__(self, port, job_id):
        self.over, (self.receiver, self.sender) = multiprocessing.Event(), multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=self.read, args=(port, job_id, self.over, self.sender))

    @staticmethod
    def read(port, job_id, over, sender):
        client = http.client.HTTPConnection("127.0.0.1", port)
        times, due = [], time.monotonic()
        while not over.is_set():
            time.sleep(max(0, due - time.monotonic()))
            client.request("GET", f"/api/jobs/{job_id}")
            answer = client.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append((time.monotonic() - due) * 1000)
            due += 1 / READS_A_SECOND
        sender.send(times)

    def __enter__(self):
        self.process.start()
        self.sender.close()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.times = self.receiver.recv()
        self.process.join()


def left(service):
    """Processes of the bomb."""
    found = []
    for pid in service.descendants():
        try:
            if b"python3" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def explode(service, bomb, file):
    job = service.wait(service.post("/api/jobs", {"jobType": bomb, "fileIds": [file]}).json["jobId"])
    ended = time.monotonic()
    if job["error"]["code"] not in {BOMBS[bomb][2], "timeout"}:
        raise RuntimeError(f"{bomb}: {job['error']}")
    peers.wait_for(lambda: not left(service), "the end of the bomb's processes")
    if time.monotonic() - ended > 1:
        raise RuntimeError(f"{bomb}: something was left for {time.monotonic() - ended:.1f} s")


def reads(scale, bomb):
    with peers.jobd(CONFIGURATION) as service:
        job_id = service.post("/api/jobs", peers.BODY).json["jobId"]
        file = service.upload(b"", "a.txt")["fileId"]
        with Reader(service.port, job_id) as reader:
            # Some bombs end before there are enough reads beside them for a 99th percentile.
            until = time.monotonic() + scale.seconds
            if bomb is None:
                time.sleep(scale.seconds)
            while bomb and time.monotonic() < until:
                explode(service, bomb, file)
        p50, *_, p99 = statistics.quantiles(reader.times, n=100)[49:]
        return Figure(p99, p50, p99)


def run(scale):
    figures = take_turns({bomb: lambda bomb=bomb: reads(scale, bomb) for bomb in (None, *BOMBS)}, scale)
    return [
        Row(f"99th percentile of {READS_A_SECOND} `GET` a second beside a bomb: {bomb}", "ms", figures[bomb],
            "the same without it", figures[None], "≤ 20 ms")
        for bomb in BOMBS]
