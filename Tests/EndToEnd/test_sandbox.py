"""Steps in rooms of their own: what they see, what ends them, and that nothing of them is left."""

import json
import pathlib
import subprocess

import pytest

import attacks
import service
from service import is_alive, wait_for

ON = '[sandbox]\nsteps = "on"\n'


def pipeline(command, more=""):
    words = ", ".join(json.dumps(str(word)) for word in command)
    return ON + f'[[pipelines.file_processing.steps]]\nname = "step"\nrun = [{words}]\n{more}'


def test_a_step_reaches_nothing_of_the_daemon(start, tmp_path):
    jobd = start(ON + attacks.pipelines([tmp_path]))
    [daemon] = jobd.part("serve")
    with attacks.Surroundings(tmp_path) as surroundings:
        attacks.start_other(jobd)
        job, found = attacks.attack(jobd, surroundings.order(jobd), "attack_reading")
    assert job["status"] == "completed", (job, attacks.lines(jobd, job["jobId"]))
    assert set(found) == set(attacks.ATTACKS)
    assert attacks.unexpected(found) == {}
    assert is_alive(daemon)


BOMBS = {
    "forks": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", ""),
    "comets": ("import os\nfor _ in range(4):\n    if os.fork() == 0:\n        os.setsid()\n        while True:\n"
               "            if os.fork(): os._exit(0)\nimport time; time.sleep(1000)", ""),
    "memory": ("import os\nos.fork(); os.fork()\nx = []\nwhile True: x.append(bytearray(10_000_000))",
               "memoryBytes = 200000000\n"),
    "disk": ("import os\ni = 0\nwhile True:\n    i += 1\n    open(f'{i}', 'wb').write(bytes(5_000_000))\n"
             "    os.link(f'{i}', f'again-{i}')", "outputBytes = 50000000\n"),
    "signals": ("import signal\nfor n in set(signal.Signals) - {9, 19}: signal.signal(n, signal.SIG_IGN)\n"
                "while True: signal.pause()", ""),
}


@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_a_bomb_ends_with_its_cause_and_nothing_is_left(start, bomb):
    script, more = BOMBS[bomb]
    jobd = start('[limits]\ngrace = "200ms"\n' + pipeline(["python3", "-c", script], 'timeout = "3s"\n' + more))
    job = jobd.wait(jobd.process()["jobId"])
    assert job["status"] == "failed", job
    assert job["error"]["code"] in {"timeout", "memory", "output-limit", "signal", "exit"}, job
    inside = lambda: [pid for pid in jobd.descendants() if b"python3" in read(pathlib.Path(f"/proc/{pid}/cmdline"))]
    wait_for(lambda: not inside(), "the end of the bomb")


def test_a_room_goes_with_the_daemon(start):
    jobd = start(pipeline(["sh", "-c", "trap '' TERM; setsid sleep 12345 & sleep 12345"]))
    jobd.process()
    inside = lambda: [
        int(entry.parent.name) for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline")
        if b"sleep\x0012345" in read(entry)]
    pids = wait_for(lambda: len(inside()) == 2 and inside(), "the step")
    jobd.kill("serve")
    wait_for(lambda: not any(map(is_alive, pids)), "the end of the step")


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_the_daemon_says_that_rooms_can_be_made(start):
    jobd = start(pipeline(["true"]))
    assert json.loads(jobd.jobctl("status", "--json").stdout)["sandbox"] == {
        "steps": "on", "working": True, "memory": "watched"}
    assert jobd.wait(jobd.process()["jobId"])["status"] == "completed"


def in_a_namespace(monkeypatch, tmp_path, before=""):
    """Has the executable run in a user namespace of its own, in which rooms can be forbidden; answers the executable."""
    executable = service.JOBD
    inside = tmp_path / "jobd"
    inside.write_text(f"""#!/bin/sh
exec unshare -Ur sh -c '{before} exec {service.JOBD} "$@"' sh "$@"
""")
    inside.chmod(0o755)
    monkeypatch.setattr(service, "JOBD", inside)
    return executable


def test_while_no_room_can_be_made_no_step_runs_and_all_else_goes_on(start, tmp_path, monkeypatch):
    executable = in_a_namespace(monkeypatch, tmp_path)
    jobd = start(pipeline(["true"]) + '[[pipelines.plain.steps]]\nname = "look"\nuse = "inspect"\n')
    (jobd.directory / "jobctl").symlink_to(executable)
    [daemon] = jobd.part("serve")

    def allow(namespaces):
        subprocess.run(
            ["nsenter", "-t", str(daemon), "-U", "--preserve-credentials", "sh", "-c",
             f"echo {namespaces} >/proc/sys/user/max_user_namespaces"], check=True)

    allow(0)
    because = lambda id: jobd.get(f"/api/jobs/{id}/explain").json["because"]
    first = jobd.process()["jobId"]
    wait_for(lambda: because(first) == "sandbox", "the first job to be given back")
    second = jobd.process()["jobId"]
    assert because(second) == "sandbox"
    assert {(jobd.job(id)["status"], jobd.job(id)["attempt"]) for id in (first, second)} == {("queued", 1), ("queued", 0)}
    file = jobd.upload(b"text", "a.txt")["fileId"]
    plain = jobd.post("/api/jobs", {"jobType": "plain", "fileIds": [file]}).json["jobId"]
    assert jobd.wait(plain)["status"] == "completed"
    ready = jobd.get("/api/health/ready")
    assert ready.status == 503 and "sandbox" in ready.json["detail"], ready
    sandbox = json.loads(jobd.jobctl("status", "--json").stdout)["sandbox"]
    assert sandbox["working"] is False and "No space left" in sandbox["reason"], sandbox
    assert "user.max_user_namespaces" in jobd.messages()
    allow(1000)
    assert [jobd.wait(id)["status"] for id in (first, second)] == ["completed"] * 2
    assert jobd.get("/api/health/ready").status == 200


def test_where_no_room_can_be_made_dev_is_ready_for_everything_else(start, tmp_path, monkeypatch):
    in_a_namespace(monkeypatch, tmp_path, "echo 0 >/proc/sys/user/max_user_namespaces;")
    jobd = start(pipeline(["true"]) + '[[pipelines.plain.steps]]\nname = "look"\nuse = "inspect"\n')
    assert "no step runs, since no sandbox can be made for it" in jobd.messages()
    file = jobd.upload(b"text", "a.txt")["fileId"]
    assert jobd.wait(jobd.post("/api/jobs", {"jobType": "plain", "fileIds": [file]}).json["jobId"])["status"] == "completed"
    assert jobd.get("/api/health/ready").status == 503


def test_where_no_room_can_be_made_auto_is_off_and_says_so(start, tmp_path, monkeypatch):
    in_a_namespace(monkeypatch, tmp_path, "echo 0 >/proc/sys/user/max_user_namespaces;")
    jobd = start('[sandbox]\nsteps = "auto"\n' + service.one_step("run = ['true']"))
    assert "none can be made here" in jobd.messages()
    assert jobd.wait(jobd.process()["jobId"])["status"] == "completed"


def test_off_is_said(start):
    jobd = start('[sandbox]\nsteps = "off"\n[[pipelines.file_processing.steps]]\nname = "step"\nrun = ["true"]\n')
    assert "without a sandbox" in jobd.messages()
    assert json.loads(jobd.jobctl("status", "--json").stdout)["sandbox"] == {"steps": "off"}
