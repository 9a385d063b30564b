"""Twenty workers in three languages and the daemon's own steps share one queue, while all of them are killed at random."""

import collections
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading

from service import PATIENCE, ROOT, wait_for

sys.path.insert(0, str(ROOT / "Sources/Clients"))
import jobd as client  # noqa: E402

# Of ten jobs, so many are for workers.
ELSEWHERE = 8

CONFIGURATION = """
[queues.default]
width = 25
[pipelines.elsewhere]
work = "workers"
maxAttempts = 50
[pipelines.here]
maxAttempts = 50
[[pipelines.here.steps]]
name = "step"
run = ["sh", "-c", "echo here >>{effects}/$JOBD_JOB_ID"]
write = ["{effects}"]
[limits]
reconnect = "2s"
"""

PYTHON = """
import sys
sys.path.insert(0, {clients!r})
import jobd
def work(run):
    with open({effects!r} + "/" + run.job["jobId"], "a") as file:
        file.write(str(run.job["run"]) + "\\n")
    run.report(progress=50)
    return {{"run": run.job["run"]}}
jobd.Client({at!r}).work(["default"], work)
"""

NODE = """
import {{ appendFileSync }} from "node:fs";
import {{ Jobd }} from {module};
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const jobd = new Jobd({at});
await jobd.work(["default"], async (run) => {{
    appendFileSync({effects} + "/" + run.job.jobId, run.job.run + "\\n");
    await run.report({{ progress: 50 }});
    return {{ run: run.job.run }};
}}, {{ signal: stop.signal }});
jobd.close();
"""

PHP = """<?php
require {file};
(new Jobd({at}))->work(['default'], function (JobdRun $run) {{
    file_put_contents({effects} . '/' . $run->job['jobId'], $run->job['run'] . "\\n", FILE_APPEND);
    $run->report(progress: 50);
    return ['run' => $run->job['run']];
}});
"""


def programs(folder, at, effects):
    """The command of one worker of each language that is here, and how many of twenty it has."""
    texts = {
        "python": ("py", PYTHON.format(clients=str(ROOT / "Sources/Clients"), effects=effects, at=at)),
        "node": ("mjs", NODE.format(
            module=json.dumps((ROOT / "Sources/Clients/jobd.mjs").as_uri()), at=json.dumps(at), effects=json.dumps(effects))),
        "php": ("php", PHP.format(file=json.dumps(str(ROOT / "Sources/Clients/jobd.php")), at=json.dumps(at), effects=json.dumps(effects))),
    }
    for name, (ending, text) in texts.items():
        (folder / f"worker.{ending}").write_text(text)
    has_php = shutil.which("php") is not None
    return [
        ([sys.executable, folder / "worker.py"], 10 if has_php else 15), (["node", folder / "worker.mjs"], 5),
        (["php", folder / "worker.php"], 5 if has_php else 0)]


class Swarm:
    """Workers that are started again, whatever ends them."""

    def __init__(self, commands):
        self.children = [(command, subprocess.Popen(command)) for command, count in commands for _ in range(count)]

    def kill_one(self):
        number = random.randrange(len(self.children))
        command, child = self.children[number]
        child.kill()
        child.wait()
        self.children[number] = (command, subprocess.Popen(command))

    def end(self):
        for _, child in self.children:
            child.terminate()
        for _, child in self.children:
            child.wait(PATIENCE)


def test_twenty_workers_and_the_daemon_lose_no_job_and_run_none_twice(start, full, tmp_path):
    effects = tmp_path / "effects"
    effects.mkdir(mode=0o777)
    count = 20_000 if full else 400
    service = start(CONFIGURATION.format(effects=effects))
    path = str(service.directory / "run/jobd.sock")
    watcher = client.Client(path)
    web = client.Client(f"http://127.0.0.1:{service.port}")
    swarm = Swarm(programs(tmp_path, path, str(effects)))
    killed, pause = collections.Counter(), threading.Event()
    try:
        def create():
            for number in range(count):
                kind = "elsewhere" if number % 10 < ELSEWHERE else "here"
                web.create(jobId=f"j{number}", jobType=kind, fileIds=[])

        maker = threading.Thread(target=create)
        maker.start()

        def completed():
            # What is killed, how often, hangs on how far the jobs are, and not on the time.
            part = random.choices(["worker", "front", "daemon"], [20, 4, 1])[0]
            killed[part] += 1
            if part == "worker":
                swarm.kill_one()
            else:
                # One that was killed before may go between the look and the kill.
                with contextlib.suppress(IndexError, ProcessLookupError):
                    os.kill(service.part("serve" if part == "daemon" else "fastcgi")[0], signal.SIGKILL)
            pause.wait(0.5)
            return watcher.call("server.status", repeat=True)["jobs"]["completed"] == count

        wait_for(completed, "the completion of all jobs", patience=1800 if full else 240)
        maker.join()
    finally:
        swarm.end()
    runs, lost = 0, 0
    for number in range(count):
        job = service.get(f"/api/jobs/j{number}").json
        assert job["status"] == "completed", job
        lines = (effects / f"j{number}").read_text().split()
        # A run that was killed before it began has no line; none has two.
        if job["jobType"] == "here":
            assert 1 <= len(lines) <= job["run"], (lines, job)
        else:
            assert len(lines) == len(set(lines)) and lines[-1] == str(job["run"]), (lines, job)
        runs += job["run"]
        lost += job["run"] - len(lines)
    print(f"{count} jobs, {runs} runs, {lost} of them killed before their effect; killed: {dict(killed)}")
