"""Jobs of one short program from creation to completion, everything on disk, beside a shell that runs the program."""

import subprocess
import time

import load
import peers
from rounds import Figure, Row, take_turns

JOBS = 2_000
# As many at the same time.
WIDTH = 4
CONFIGURATION = f"""
[sandbox]
steps = "STEPS"
[queues.default]
width = {WIDTH}
[[pipelines.short.steps]]
name = "short"
run = ["/bin/true"]
"""
CREATE = peers.CREATE.replace('"jobType":"benchmark"', '"jobType":"short","fileIds":[]')
SHELL = f"""
run() {{ n=0; while [ $n -lt $1 ]; do /bin/true; n=$((n + 1)); done; }}
for lane in $(seq {WIDTH}); do run $(($0 / {WIDTH})) & done
wait
"""


def jobd(count, steps):
    with peers.jobd(CONFIGURATION.replace("STEPS", steps)) as service, peers.connection(service.control) as control:
        began = time.monotonic()
        load.lines(service.control, CREATE, '"result":', None, count=count)
        peers.wait_for(lambda: peers.completed(control) == count, "the completion of all jobs", patience=600)
        return Figure(count / (time.monotonic() - began))


def shell(count):
    began = time.monotonic()
    subprocess.run(["sh", "-c", SHELL, str(count)], check=True)
    return Figure(count / (time.monotonic() - began))


def run(scale):
    count = max(4, scale.of(JOBS) // WIDTH * WIDTH)
    figures = take_turns({
        "jobd": lambda: jobd(count, "off"), "in a sandbox": lambda: jobd(count, "on"), "shell": lambda: shell(count),
    }, scale)
    what, beside = f"jobs of one step, `true`, {WIDTH} at the same time", f"{WIDTH} shells that run it"
    return [
        Row(what, "/s", figures["jobd"], beside, figures["shell"]),
        Row(f"{what}, each in a sandbox", "/s", figures["in a sandbox"], beside, figures["shell"]),
    ]
