"""How soon the first step of a job is at work on an idle daemon, beside one durable commit."""

import json
import statistics
import time

import peers
from load import program
from rounds import Figure, Row, take_turns

JOBS = 200


def configuration():
    return f"""
[[pipelines.program.steps]]
name = "first"
run = ["{program("stamp")}"]
words = true
[[pipelines.built-in.steps]]
name = "first"
use = "inspect"
"""


def call(client, **request):
    client.sendall(json.dumps({"jsonrpc": "2.0", **request}).encode() + b"\n")


def measure(control, job_type, count):
    """From the sending of the create until a watcher sees the step at work, and until the step's program runs."""
    seen, ran = [], []
    with peers.connection(control) as client:
        reply = client.makefile("rb")
        call(client, id=0, method="jobs.watch", params={})
        reply.readline()
        for number in range(count):
            began = time.monotonic_ns()
            call(client, id=number + 1, method="jobs.create", params={
                "jobType": job_type, "fileIds": [], "metadata": json.loads(peers.PAYLOAD)})
            isAtWork = False
            while True:
                job = json.loads(reply.readline()).get("params", {}).get("job", {})
                if not isAtWork and job.get("step") == "first":
                    isAtWork = True
                    seen.append((time.monotonic_ns() - began) / 1e6)
                if job.get("status") in ("completed", "failed"):
                    assert job["status"] == "completed", job
                    break
            if job_type == "program":
                ran.append((job["result"]["startedAt"] - began) / 1e6)
    return [statistics.median(times) if times else None for times in (seen, ran)]


def run(scale):
    count = max(3, scale.of(JOBS))
    with peers.jobd(configuration()) as service:
        def started(job_type, which):
            return lambda: Figure(measure(service.control, job_type, count)[which])

        figures = take_turns({
            "program": started("program", 1),
            "built-in": started("built-in", 0),
            "commit": lambda: Figure(peers.sqlite(scale).p50),
        }, scale)
    what = "create → first step, idle, half of them within"
    return [
        Row(f"{what}: its program runs", "ms", figures["program"], "one durable commit", figures["commit"],
            "≤ that + 1 ms"),
        Row(f"{what}: a watcher sees a built-in step at work", "ms", figures["built-in"], "one durable commit",
            figures["commit"]),
    ]
