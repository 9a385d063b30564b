"""The daemon is killed, and nothing that was acknowledged is gone."""

import collections
import json
import os
import pathlib
import threading
import time

import pytest

from service import CONTRACT, command_line, is_alive, wait_for
from test_fronts import CLIENTS, FRONTS, run_together


def test_every_acknowledged_job_survives_kill_9(start, full):
    jobs, kills = (20_000, 10) if full else (2_000, 3)
    # On a slow machine a job may run at each of them.
    jobd = start(f"[limits]\ncrashes = {kills + 1}\n", fronts=FRONTS)
    files = [jobd.upload(CONTRACT.read_bytes())["fileId"] for _ in range(4)]
    acknowledged, answers = {}, collections.Counter()
    seen = threading.Semaphore(0)
    longest = [0.0]

    def request(kind, method, path, body=None):
        """Asks until it is answered; away is the only excuse."""
        while True:
            began = time.monotonic()
            answer = jobd.request(method, path, body)
            longest[0] = max(longest[0], time.monotonic() - began)
            answers[kind, answer.status] += 1
            if answer.status != 503:
                return answer

    def client(numbers):
        for number in numbers:
            job_id = f"n-{number}"
            # Most only exist; some are run, so that the daemon dies while it starts and ends jobs.
            if number % 50:
                answer = request("create", "POST", "/api/jobs", {"jobId": job_id, "metadata": {"number": number}})
            else:
                body = {"jobId": job_id, "metadata": {"number": number}, "fileIds": [files[number % len(files)]]}
                answer = request("process", "POST", "/api/file-manager/process", body)
            assert answer.status in (200, 201, 202), answer
            acknowledged[job_id] = answer.json
            read = request("read", "GET", f"/api/jobs/{job_id}")
            assert read.status == 200, read
            assert read.json["version"] >= answer.json["version"]
            seen.release()

    def killer():
        for _ in range(kills):
            for _ in range(jobs // (kills + 1)):
                seen.acquire()
            jobd.kill("serve")

    killing = threading.Thread(target=killer)
    killing.start()
    run_together(client, [range(first, jobs, CLIENTS) for first in range(CLIENTS)])
    killing.join()
    print(f"{jobs} jobs, {kills} kills, slowest request {longest[0]:.2f} s: {dict(answers)}")
    assert {status for _, status in answers} <= {200, 201, 202, 503}
    assert len(acknowledged) == jobs

    def compare(job_ids):
        for job_id in job_ids:
            job = jobd.job(job_id)
            if job["status"] not in ("pending", "completed"):
                job = jobd.wait(job_id)
            then = acknowledged[job_id]
            for field in ("jobId", "metadata", "createdAt", "queue", "jobType", "files"):
                assert job[field] == then[field], (job, then)
            assert job["status"] == ("completed" if then["files"] else "pending"), job
            assert job["version"] >= then["version"]

    everything = sorted(acknowledged)
    run_together(compare, [everything[first::CLIENTS] for first in range(CLIENTS)])


def test_versions_and_progress_never_fall_while_the_daemon_is_killed(start, full):
    """A slow job is followed and polled at once while its daemon is killed twice."""
    kills = 2
    jobd = start(STEP.format(script=SCRIPT))
    job_id = jobd.process()["jobId"]
    states = []

    def follow(_):
        for event in jobd.follow(job_id):
            states.append(event.json)

    def kill(_):
        for crash in range(kills):
            wait_for(lambda: states and states[-1]["attempt"] == crash + 1 and states[-1]["progress"] >= 10, "progress")
            jobd.kill("serve")

    polled = []

    def poll(_):
        while not polled or polled[-1]["status"] != "completed":
            answer = jobd.get(f"/api/jobs/{job_id}?wait=1&since={polled[-1]['version'] if polled else 0}")
            assert answer.status in (200, 503), answer
            if answer.status == 200:
                polled.append(answer.json)

    run_together(lambda body: body(None), [follow, kill, poll])
    for sequence in (states, polled):
        history = str([(job["version"], job["status"], job["attempt"], job["progress"]) for job in sequence])
        for before, after in zip(sequence, sequence[1:]):
            assert after["version"] >= before["version"], history
            assert after["attempt"] > before["attempt"] or after["progress"] >= before["progress"], history
    assert (states[-1]["attempt"], states[-1]["crashes"]) == (kills + 1, kills)


# Thirty steps forward, each long enough to be seen; the whole is the only thing here that takes time by the clock.
SCRIPT = "for i in $(seq 30); do echo ::progress $((i * 3)) at $i >$JOBD_REPORTS; sleep 0.05; done"
STEP = """
[[pipelines.file_processing.steps]]
name = "slow"
run = ["sh", "-c", "{script}"]
"""


def test_a_job_that_ran_runs_again_alone_and_in_a_clean_directory(start, tmp_path):
    """The step notes what it finds of an earlier run, then leaves as much behind as it can."""
    script = tmp_path / "step.sh"
    script.write_text("""
notes=$1
for pid in $(cat "$notes/pids" 2>/dev/null); do
    grep -qs '^State:.[^ZX]' "/proc/$pid/status" && echo "$pid" >>"$notes/alive"
done
ls -A >>"$notes/found"
echo left >left; mkdir more; echo left >more/left
setsid sh -c 'echo $$ >>"$0/pids"; trap "" TERM; while :; do read line </dev/null; sleep 1; done' "$notes" &
(sh -c 'echo $$ >>"$0/pids"; exec sleep 1000' "$notes" &)
echo $$ >>"$notes/pids"
while [ "$(wc -l <"$notes/pids")" -lt $(($(wc -l <"$notes/runs") * 3 + 3)) ]; do :; done
echo run >>"$notes/runs"
echo '::progress 50 ready' >$JOBD_REPORTS
cat "$notes/go"
""")
    (tmp_path / "runs").touch()
    os.mkfifo(tmp_path / "go")
    jobd = start(f"""
[[pipelines.file_processing.steps]]
name = "step"
run = ["sh", "{script}", "{tmp_path}"]
""")
    job_id = jobd.process()["jobId"]

    def until_ready(attempt):
        for event in jobd.follow(job_id):
            if event.json["attempt"] == attempt and event.json["progress"] == 50:
                return
        raise AssertionError(f"attempt {attempt} never was ready: {jobd.job(job_id)}")

    until_ready(1)
    first = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(first) == 3 and all(map(is_alive, first))
    jobd.kill("serve")
    until_ready(2)
    assert not any(map(is_alive, first))
    with open(tmp_path / "go", "w"):
        pass
    job = jobd.wait(job_id)
    assert (job["status"], job["attempt"], job["crashes"]) == ("completed", 2, 1), job
    assert not (tmp_path / "alive").exists()
    assert (tmp_path / "found").read_text() == ""
    everything = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(everything) == 6
    wait_for(lambda: not any(map(is_alive, everything)), "the end of what the step started")


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_a_step_that_hides_from_the_next_daemon_has_ended_before_the_next_attempt(start, sandbox):
    """It removes the lock by which it would be found, lets go of it, and does not listen."""
    mark = f"41{os.getpid() % 1000:03}"
    script = f"""
trap "" TERM HUP INT
rm -f ../lock "$JOBD_WORK_DIRECTORY/../lock"
(trap "" TERM HUP; exec 3>&- 4>&- 5>&-; exec setsid sleep {mark}.$JOBD_ATTEMPT) &
echo ::progress 50 ready >"$JOBD_REPORTS"
while :; do sleep {mark}.$JOBD_ATTEMPT; done
"""
    jobd = start(f'''
[sandbox]
steps = "{sandbox}"
[limits]
grace = "1s"
[[pipelines.file_processing.steps]]
name = "step"
run = ["sh", "-c", {json.dumps(script)}]
''')
    job_id = jobd.process()["jobId"]

    def until_ready(attempt):
        for event in jobd.follow(job_id):
            if (event.json["attempt"], event.json["progress"]) == (attempt, 50):
                return
        raise AssertionError(jobd.job(job_id))

    def processes(attempt):
        return [int(entry.name) for entry in pathlib.Path("/proc").glob("[0-9]*")
                if f"sleep {mark}.{attempt} " in command_line(entry.name)]

    until_ready(1)
    first = wait_for(lambda: len(found := processes(1)) == 2 and found, "what the step has started")
    jobd.kill("serve")
    until_ready(2)
    assert not any(map(is_alive, first)) and processes(1) == []
    assert jobd.post(f"/api/jobs/{job_id}/cancel", {}).status == 202
    assert jobd.wait(job_id)["status"] == "cancelled"
    wait_for(lambda: processes(2) == [], "the end of the second attempt")


def test_the_third_crash_ends_the_job(start, tmp_path):
    os.mkfifo(tmp_path / "go")
    jobd = start(f'[[pipelines.file_processing.steps]]\nname = "step"\nrun = ["cat", "{tmp_path}/go"]\n')
    job_id = jobd.process()["jobId"]
    for crash in (1, 2, 3):
        wait_for(lambda: jobd.job(job_id)["attempt"] == crash, f"attempt {crash}")
        jobd.kill("serve")
    job = jobd.wait(job_id)
    assert (job["status"], job["error"]["code"], job["crashes"]) == ("failed", "lost", 3), job
