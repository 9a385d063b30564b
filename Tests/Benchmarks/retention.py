"""A million jobs that have stayed long enough go, while others come and run: how long nobody was heard, and what is left of the file.

Only when it is named: it takes minutes.
"""

import json
import threading
import time

import crowd
import load
import peers
from rounds import Figure, Row

ENDED = 1_000_000
# Jobs a second that come and run meanwhile.
RATE = 100
CONFIGURATION = crowd.CONFIGURATION + """
[retention]
maximumJobs = {kept}
"""
# As many as ended while the others went, and some.
KEPT = 100_000
PATIENCE = 1800


class Traffic:
    """Jobs at a steady rate, each of them read: how long each answer took."""

    def __init__(self, socket):
        self.latencies = []
        self.connection = peers.connection(socket)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        answers = self.connection.makefile("rb")
        began = time.monotonic()
        for number in range(10**9):
            if self.over.wait(max(0, began + number / RATE - time.monotonic())):
                return
            for method, params in (
                    ("jobs.create", {"jobId": f"new-{number}", "jobType": "empty", "fileIds": []}),
                    ("jobs.get", {"jobId": f"new-{number}"})):
                sent = time.monotonic()
                self.connection.sendall(
                    json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
                assert b'"result"' in answers.readline()
                self.latencies.append(time.monotonic() - sent)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.connection.close()


def run(scale):
    ended, kept = scale.of(ENDED), scale.of(KEPT)
    with peers.directory() as place:
        socket, file = f"{place}/jobd.sock", place / "data/jobd.sqlite"
        (place / "jobd.toml").write_text(crowd.CONFIGURATION)
        with peers.part("serve", place):
            crowd.fill(socket, crowd.EMPTY, ended, scale)
            peers.wait_for(
                lambda: crowd.ask(socket, "server.status")["jobs"]["completed"] == ended, "the end of the jobs", 600)
        before = file.stat().st_size
        (place / "jobd.toml").write_text(CONFIGURATION.format(kept=kept))
        with peers.part("serve", place), Traffic(socket) as traffic:
            began = time.monotonic()
            peers.wait_for(
                lambda: crowd.ask(socket, "server.status")["jobs"]["completed"] <= kept + RATE, "the end of the old ones",
                PATIENCE)
            took = time.monotonic() - began
            peers.wait_for(lambda: file.stat().st_size < before * 0.9, "the file to shrink", PATIENCE)
        after = file.stat().st_size
    latencies = sorted(traffic.latencies)
    p50, p99 = (latencies[int(len(latencies) * part)] * 1000 for part in (0.5, 0.99))
    what = f"{ended:,} ended jobs go to {kept:,} while {RATE} a second come"
    return [
        Row(f"{what}: create and read, the longest", "ms", [Figure(latencies[-1] * 1000, p50, p99)], "", [], "≤ 50 ms"),
        Row(f"{what}: until they have gone", "s", [Figure(took)], "", []),
        Row(f"{what}: the file", "MiB", [Figure(after / 1024**2)], "before", [Figure(before / 1024**2)], "< 1"),
    ]
