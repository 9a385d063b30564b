"""Jobs without steps from creation to completion, everything on disk, beside BullMQ."""

import json
import subprocess
import time

import load
import peers
from peers import PAYLOAD
from rounds import Figure, Row, take_turns

JOBS, BULL_JOBS = 50_000, 5_000
# As many at the same time, for both.
WIDTH = 64
CONFIGURATION = f"""
[queues.default]
width = {WIDTH}
[pipelines.empty]
"""
CREATE = peers.CREATE.replace('"jobType":"benchmark"', '"jobType":"empty","fileIds":[]')


def jobd(count):
    with peers.jobd(CONFIGURATION) as service, peers.connection(service.control) as control:
        began = time.monotonic()
        load.lines(service.control, CREATE, '"result":', None, count=count)
        peers.wait_for(lambda: peers.completed(control) == count, "the completion of all jobs")
        return Figure(count / (time.monotonic() - began))


def bullmq(count):
    with peers.redis(fsync="everysec") as path:
        run = subprocess.run(
            list(map(str, [load.python("bullmq"), load.HERE / "bull.py", path, count, WIDTH, PAYLOAD])),
            check=True, stdout=subprocess.PIPE)
        answer = json.loads(run.stdout)
        if answer["errors"]:
            raise RuntimeError("BullMQ's worker failed")
        return Figure(count / answer["seconds"])


def run(scale):
    figures = take_turns({
        "jobd": lambda: jobd(scale.of(JOBS)),
        "BullMQ": lambda: bullmq(scale.of(BULL_JOBS)),
    }, scale)
    return [Row(
        "empty jobs, from creation to completed, all on disk", "/s", figures["jobd"],
        "BullMQ for Python, AOF every second", figures["BullMQ"], "≥ 10")]
