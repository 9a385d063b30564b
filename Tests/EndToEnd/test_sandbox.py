"""Steps in rooms of their own: what they see, what ends them, and that nothing of them is left."""

import json
import pathlib
import socket

import pytest

import service
from service import is_alive, wait_for

ON = '[sandbox]\nsteps = "on"\n'

# Each prints its name and how it went.
ATTACKS = r'''
import ctypes, errno, os, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *words):
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) for word in words]) == -1:
        raise OSError(ctypes.get_errno(), "")

def attempt(name, act):
    try:
        act()
        print(name, "done")
    except OSError as error:
        print(name, errno.errorcode[error.errno])

storage, control, daemon = sys.argv[1:4]
attempt("store", lambda: os.listdir(storage))
attempt("uploads", lambda: os.listdir(storage + "/files"))
attempt("control-socket", lambda: socket.socket(socket.AF_UNIX).connect(control))
attempt("kill-daemon", lambda: os.kill(int(daemon), signal.SIGKILL))
attempt("daemon-memory", lambda: open(f"/proc/{daemon}/mem", "rb"))
attempt("write-memory", lambda: call(311, int(daemon), 0, 0, 0, 0, 0))
attempt("internet", lambda: socket.socket(socket.AF_INET))
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("abstract-socket", lambda: socket.socket(socket.AF_UNIX).connect("\0jobd-test"))
attempt("io-uring", lambda: call(425, 8, 0))
attempt("namespace", lambda: call(272, 0x10000000))
attempt("mount", lambda: call(165, 0, 0, 0, 0, 0))
attempt("input", lambda: open(os.environ["JOBD_INPUT"], "w"))
attempt("output-link", lambda: os.rename(os.environ["JOBD_OUTPUT_DIRECTORY"], os.environ["JOBD_OUTPUT_DIRECTORY"] + "2"))
attempt("tmp-of-the-machine", lambda: os.listdir(os.path.dirname(storage) + "/run"))
'''

EXPECTED = {
    # The folders on the way to the run's own, and nothing else.
    "store": {"done"},
    "uploads": {"ENOENT"},
    "control-socket": {"ENOENT"},
    "kill-daemon": {"ESRCH"},
    "daemon-memory": {"ENOENT"},
    "write-memory": {"EPERM"},
    "internet": {"EAFNOSUPPORT"},
    "vsock": {"EAFNOSUPPORT"},
    "abstract-socket": {"ECONNREFUSED"},
    "io-uring": {"ENOSYS"},
    "namespace": {"EPERM"},
    "mount": {"EPERM"},
    "input": {"EROFS"},
    "output-link": {"EBUSY"},
    "tmp-of-the-machine": {"ENOENT"},
}


def pipeline(command, more=""):
    words = ", ".join(json.dumps(str(word)) for word in command)
    return ON + f'[[pipelines.file_processing.steps]]\nname = "step"\nrun = [{words}]\n{more}'


def lines(jobd, job_id):
    return [line["text"] for line in jobd.get(f"/api/jobs/{job_id}/logs").json["lines"]]


def test_a_step_reaches_nothing_of_the_daemon(start, tmp_path):
    script = tmp_path / "attacks.py"
    script.write_text(ATTACKS)
    jobd = start(ON)
    [daemon] = jobd.part("serve")
    (jobd.directory / "jobd.toml").write_text(
        pipeline(["python3", script, jobd.directory / "data", jobd.directory / "run/jobd.sock", daemon],
                 f"read = [{json.dumps(str(script))}]\n"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0jobd-test")
        listener.listen()
        assert jobd.jobctl("reload").returncode == 0
        job_id = jobd.process()["jobId"]
        job = jobd.wait(job_id)
    assert job["status"] == "completed", (job, lines(jobd, job_id))
    found = dict(line.split(" ") for line in lines(jobd, job_id))
    assert set(found) == set(EXPECTED)
    assert {name: end for name, end in found.items() if end not in EXPECTED[name]} == {}
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
    assert json.loads(jobd.jobctl("status", "--json").stdout)["sandbox"] == {"steps": "on", "working": True}
    assert jobd.wait(jobd.process()["jobId"])["status"] == "completed"


def test_where_no_room_can_be_made_auto_is_off_and_says_so(start, tmp_path, monkeypatch):
    without = tmp_path / "jobd"
    without.write_text(f"""#!/bin/sh
exec unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec {service.JOBD} "$@"' sh "$@"
""")
    without.chmod(0o755)
    monkeypatch.setattr(service, "JOBD", without)
    jobd = start('[sandbox]\nsteps = "auto"\n' + service.one_step("run = ['true']"))
    assert "no room can be made here" in jobd.messages()
    assert jobd.wait(jobd.process()["jobId"])["status"] == "completed"


def test_off_is_said(start):
    jobd = start('[sandbox]\nsteps = "off"\n[[pipelines.file_processing.steps]]\nname = "step"\nrun = ["true"]\n')
    assert "without walls" in jobd.messages()
    assert json.loads(jobd.jobctl("status", "--json").stdout)["sandbox"] == {"steps": "off"}
