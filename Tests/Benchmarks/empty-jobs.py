"""Jobs without a program from waiting to completed, with a backlog from the beginning, beside beanstalkd's `reserve` and `delete`."""

import runpy
import time

import crowd
import load
import peers
from rounds import Figure, Row, take_turns

JOBS = 10_000
CONFIGURATION = """
[queues.default]
width = 64
[pipelines.empty]
[[pipelines.built-in.steps]]
name = "look"
use = "inspect"
"""


def jobd(job_type, count):
    """In a queue that is paused until all of them wait."""
    request = peers.CREATE.replace('"jobType":"benchmark"', f'"jobType":"{job_type}","fileIds":[]')
    with peers.jobd(CONFIGURATION) as service, peers.connection(service.control) as control:
        crowd.ask(service.control, "queues.pause", name="default")
        crowd.fill(service.control, request, count, None)
        began = time.monotonic()
        crowd.ask(service.control, "queues.resume", name="default")
        peers.wait_for(lambda: peers.completed(control) == count, "the completion of all jobs")
        return Figure(count / (time.monotonic() - began))


def run(scale):
    count, workers = scale.of(JOBS), runpy.run_path(str(load.HERE / "workers.py"))
    figures = take_turns({
        "jobd": lambda: jobd("empty", count),
        "beanstalkd": lambda: workers["beanstalkd"](count),
        "built-in": lambda: jobd("built-in", count),
    }, scale)
    return [
        Row(
            f"jobs without steps, {count:,} that wait, to completed, all on disk", "/s", figures["jobd"],
            "beanstalkd `reserve`, `delete`, `-b -f0`", figures["beanstalkd"], "≥ 2.5"),
        Row("jobs of one built-in step, 64 at the same time", "/s", figures["built-in"], "", [], "≥ 8,000 /s"),
    ]
