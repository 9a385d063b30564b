"""The daemon is killed at each phase of a job: it ends completed exactly once, with one set of artifacts."""

import hashlib
import os
import signal

import pytest

from service import is_alive, wait_for

OUTPUTS, SIZE = 30, 2_000_000

# Each attempt leaves its number in every output. The killing is the test's; where only the step itself is at the right
# place at the right time, it does it: the daemon is the parent of the process that its supervisor was forked from.
FIRST = """
echo "first $JOBD_ATTEMPT" >> {notes}
if [ {phase} = child ] && [ $JOBD_ATTEMPT = 1 ]; then echo in the child; sleep 1000; fi
echo one > $JOBD_OUTPUT_DIRECTORY/first.txt
if [ {phase} = between ] && [ $JOBD_ATTEMPT = 1 ]; then
    kill -KILL $(ps -o ppid= -p $(ps -o ppid= -p $PPID))
fi
"""
SECOND = """
echo "second $JOBD_ATTEMPT" >> {notes}
for n in $(seq {outputs}); do head -c {size} /dev/zero | tr '\\0' $JOBD_ATTEMPT > $JOBD_OUTPUT_DIRECTORY/out$n; done
"""


@pytest.mark.parametrize("phase", ["accepted", "child", "between", "moving", "moved"])
def test_a_job_ends_once_whenever_the_daemon_is_killed(start, tmp_path, phase):
    notes = tmp_path / "notes"
    configuration = ""
    for name, text in (("first", FIRST), ("second", SECOND)):
        script = tmp_path / name
        script.write_text(text.format(notes=notes, phase=phase, outputs=OUTPUTS, size=SIZE))
        configuration += f'[[pipelines.phased.steps]]\nname = "{name}"\nrun = ["sh", "{script}"]\n'
    jobd = start(configuration)
    [daemon] = jobd.part("serve")
    artifacts = jobd.directory / "data/artifacts/phased"

    def moved():
        return sum(path.is_file() for path in artifacts.rglob("*"))

    answer = jobd.post("/api/jobs", {"jobId": "phased", "jobType": "phased", "fileIds": []})
    assert answer.status == 201, answer
    match phase:
        case "accepted":
            jobd.kill("serve")
        case "child":
            wait_for(lambda: jobd.get("/api/jobs/phased/logs").json["lines"], "a line")
            jobd.kill("serve")
        case "between":
            wait_for(lambda: not is_alive(daemon), "the end of the daemon")
        case "moving":
            wait_for(lambda: moved() > OUTPUTS // 3, "some artifacts")
            os.kill(daemon, signal.SIGKILL)
            wait_for(lambda: not is_alive(daemon), "the end of the daemon")
            # On a busy machine the kill may come late.
            phase = "moved" if moved() > OUTPUTS else phase
        case "moved":
            wait_for(lambda: moved() == OUTPUTS + 1, "all artifacts")
            jobd.kill("serve")

    states = [event.json for event in jobd.follow("phased")]
    job = states[-1]
    # The last commit may have been faster than the killing.
    assert job["status"] == "completed" and job["attempt"] == job["crashes"] + 1 <= 2, job
    assert phase in ("accepted", "moved") or job["crashes"] == 1, job
    assert len([state for state in states if state["status"] == "completed"]) == 1
    started = notes.read_text().split("\n")
    assert len(started) == len(set(started)), started
    assert started.count(f"second {job['attempt']}") == 1

    expected = hashlib.sha256(str(job["attempt"]).encode() * SIZE).hexdigest()
    made = {artifact["name"]: artifact["sha256"] for artifact in job["artifacts"]}
    assert made.pop("first.txt") and set(made) == {f"out{n}" for n in range(1, OUTPUTS + 1)}
    assert set(made.values()) == {expected}
    [run] = artifacts.iterdir()
    assert run.name == str(job["run"])
    assert sorted(os.listdir(run)) == sorted([*made, "first.txt"])
    for name in made:
        assert hashlib.sha256((run / name).read_bytes()).hexdigest() == expected
    assert list((jobd.directory / "data/runs").iterdir()) == []
    [step_one, step_two] = job["result"]["steps"]
    assert step_one["status"] == step_two["status"] == "completed"
