"""Steps in rooms of their own: what they see, what ends them, and that nothing of them is left."""

import json
import pathlib
import socket
import subprocess

import pytest

import service
from service import is_alive, wait_for

ON = '[sandbox]\nsteps = "on"\n'

# What a step tries, and how it ends: the name of the errno, of two where kernels differ; or "done" where it does no harm. CALL is
# syscall(2) by number (x86-64), RUN the run's directory.
ATTACKS = {
    # Files: the folders on the way to the run's own are there, and nothing else.
    "store": ("os.listdir(STORAGE)", "done"),
    "uploads": ("os.listdir(STORAGE + '/files')", "ENOENT"),
    "database": ("open(STORAGE + '/jobd.sqlite')", "ENOENT"),
    "somebody else's run": ("os.stat(STORAGE + '/runs/' + OTHER)", "ENOENT"),
    "machine's /run": ("os.listdir(os.path.dirname(STORAGE) + '/run')", "ENOENT"),
    "shadow": ("open('/etc/shadow')", "ENOENT"),
    "homes": ("os.listdir('/home')", "ENOENT"),
    "write to the root": ("open('/x', 'w')", "EROFS"),
    "write to /usr": ("open('/usr/x', 'w')", "EROFS"),
    "write to /etc": ("open('/etc/passwd', 'w')", "EROFS"),
    "device": ("os.mknod('d', 0o20600, os.makedev(1, 3))", "EPERM"),
    "terminal": ("open('/dev/tty')", "ENOENT"),
    "kernel log": ("open('/dev/kmsg')", "ENOENT"),
    "kernel settings": ("open('/proc/sys/kernel/core_pattern', 'w')", "EROFS"),
    "file capabilities": ("os.setxattr(os.open('s', os.O_CREAT), b'security.capability', CAPABILITY)", "EPERM"),
    # Its own folders are mount points, and the inputs stay as they are.
    "input": ("open(os.environ['JOBD_INPUT'], 'w')", "EROFS"),
    "input's mode": ("os.chmod(os.environ['JOBD_INPUT'], 0o666)", "EROFS"),
    "input's times": ("os.utime(os.environ['JOBD_INPUT'])", "EROFS"),
    "input linked": ("os.link(os.environ['JOBD_INPUT'], RUN + '/output/l')", "EXDEV"),
    "input leased": ("fcntl.fcntl(os.open(os.environ['JOBD_INPUT'], os.O_RDONLY), 1024, fcntl.F_WRLCK)", "EPERM"),
    "metadata": ("open(os.environ['JOBD_METADATA'], 'w')", "EROFS"),
    "output moved": ("os.rename(RUN + '/output', RUN + '/output2')", "EBUSY"),
    "output removed": ("os.rmdir(RUN + '/output')", "EBUSY"),
    "work replaced": ("os.rename(RUN + '/tmp', RUN + '/work')", "EBUSY"),
    "lock": ("open(RUN + '/lock')", "ENOENT"),
    # Processes
    "stop the first process": ("os.kill(1, signal.SIGSTOP)", "EPERM done"),
    "kill the first process": ("os.kill(1, signal.SIGKILL)", "EPERM done"),
    "kill the daemon": ("os.kill(DAEMON, signal.SIGKILL)", "ESRCH"),
    "the daemon's memory": ("open(f'/proc/{DAEMON}/mem', 'rb')", "ENOENT"),
    "write memory": ("CALL(311, DAEMON, 0, 0, 0, 0, 0)", "EPERM"),
    "trace": ("CALL(101, 16, 1, 0, 0)", "EPERM"),
    "descriptors of the first process": ("os.readlink('/proc/1/fd/0')", "EACCES"),
    "memory of the first process": ("open('/proc/1/mem')", "EACCES"),
    "root of the first process": ("os.listdir('/proc/1/root')", "EACCES"),
    "take a descriptor": ("CALL(438, os.pidfd_open(1), 0, 0)", "EPERM"),
    "limit the first process": ("resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3))", "EPERM"),
    "slow the first process": ("os.setpriority(os.PRIO_PROCESS, 1, 19)", "EPERM"),
    "slow all of the user": ("os.setpriority(os.PRIO_USER, 0, 19)", "EPERM"),
    "idle the first process": ("os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))", "EPERM"),
    "pin the first process": ("os.sched_setaffinity(1, {0})", "EPERM"),
    "hide from the first process": ("[CALL(157, 4, 0), libc.prctl(3) or open('/hidden')]", "done"),
    "own limits": ("resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))", "done"),
    "own priority": ("os.nice(1)", "done"),
    "realtime": ("os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))", "EPERM"),
    # Sockets
    "control socket": ("socket.socket(socket.AF_UNIX).connect(CONTROL)", "ENOENT"),
    "abstract socket": ("socket.socket(socket.AF_UNIX).connect('\\0jobd-test')", "ECONNREFUSED"),
    # Refused by Landlock, or not there where each room has a network of its own.
    "somebody else's abstract socket": ("socket.socket(socket.AF_UNIX).connect('\\0jobd-room')", "EPERM ECONNREFUSED"),
    "internet": ("socket.socket(socket.AF_INET)", "EAFNOSUPPORT"),
    "netlink": ("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "EAFNOSUPPORT"),
    "packets": ("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "EAFNOSUPPORT"),
    "vsock": ("socket.socket(40, socket.SOCK_STREAM)", "EAFNOSUPPORT"),
    "kernel crypto": ("socket.socket(38, socket.SOCK_SEQPACKET)", "EAFNOSUPPORT"),
    "family behind high bits": ("CALL(41, (1 << 32) | 2, 1, 0)", "EAFNOSUPPORT"),
    # The kernel
    "namespace": ("CALL(272, 0x10000000)", "EPERM"),
    "namespace by clone": ("CALL(56, 0x10000000 | 17, 0, 0, 0, 0)", "EPERM"),
    "clone3": ("CALL(435, 0, 0)", "ENOSYS"),
    "enter a namespace": ("CALL(308, 0, 0)", "EPERM"),
    "mount": ("CALL(165, 0, 0, 0, 0, 0)", "EPERM"),
    "unmount": ("CALL(166, 0, 0)", "EPERM"),
    "new mount": ("CALL(430, 0, 0)", "EPERM"),
    "mount tree": ("CALL(428, -100, 0, 1)", "EPERM"),
    "chroot": ("CALL(161, 0)", "EPERM"),
    "other root": ("CALL(155, 0, 0)", "EPERM"),
    "host name": ("CALL(170, 0, 0)", "EPERM"),
    "other groups": ("os.setgroups([0])", "EPERM"),
    "io_uring": ("CALL(425, 8, 0)", "ENOSYS"),
    "bpf": ("CALL(321, 0, 0, 0)", "EPERM"),
    "performance events": ("CALL(298, 0, 0, -1, -1, 0)", "EPERM"),
    "page faults": ("CALL(323, 0)", "EPERM"),
    "keys": ("CALL(250, 0, -3, 1)", "EPERM"),
    "files by handle": ("CALL(304, 0, 0, 0)", "EPERM"),
    "watch file systems": ("CALL(300, 0, 0)", "EPERM"),
    "terminal input": ("fcntl.ioctl(0, 0x5412, b'x')", "EPERM"),
    # Memory that is nobody's, and what the kernel counts for each user
    "memory file": ("os.memfd_create('x')", "ENOSYS"),
    "secret memory": ("CALL(447, 0)", "ENOSYS"),
    "shared segment": ("CALL(29, 0, 1 << 20, 0o1600)", "ENOSYS"),
    "semaphores": ("CALL(64, 0, 32000, 0o1600)", "ENOSYS"),
    "message queue": ("CALL(68, 0, 0o1600)", "ENOSYS"),
    "many descriptors": ("[os.dup(0) for _ in range(5000)]", "EMFILE"),
    "many files in memory": ("[os.mknod(f'/dev/shm/{n}') for n in range(20000)]", "ENOSPC"),
}

SCRIPT = r"""
import ctypes, errno, fcntl, json, os, resource, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)

def CALL(number, *words):
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) for word in words]) == -1:
        raise OSError(ctypes.get_errno(), "")

STORAGE, CONTROL, DAEMON, OTHER = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
RUN = os.path.dirname(os.environ["JOBD_WORK_DIRECTORY"])
CAPABILITY = b"\1\0\0\2" + bytes(16)
for name, act in json.load(open(os.environ["ATTACKS"])).items():
    # Each in a process of its own, which it may ruin.
    sys.stdout.flush()
    if os.fork():
        os.wait()
        continue
    try:
        eval(act)
        print(json.dumps([name, "done"]))
    except OSError as error:
        print(json.dumps([name, errno.errorcode[error.errno]]))
    sys.stdout.flush()
    os._exit(0)
"""


# The step of another job at the same time.
OTHER = """
import socket, time
listener = socket.socket(socket.AF_UNIX)
listener.bind("\\0jobd-room")
listener.listen()
print("listening", flush=True)
time.sleep(1000)
"""


def pipeline(command, more=""):
    words = ", ".join(json.dumps(str(word)) for word in command)
    return ON + f'[[pipelines.file_processing.steps]]\nname = "step"\nrun = [{words}]\n{more}'


def lines(jobd, job_id):
    return [line["text"] for line in jobd.get(f"/api/jobs/{job_id}/logs").json["lines"]]


def test_a_step_reaches_nothing_of_the_daemon(start, tmp_path):
    (tmp_path / "attacks.py").write_text(SCRIPT)
    (tmp_path / "attacks.json").write_text(json.dumps({name: act for name, (act, _) in ATTACKS.items()}))
    jobd = start(ON)
    [daemon] = jobd.part("serve")
    words = ["python3", tmp_path / "attacks.py", jobd.directory / "data", jobd.directory / "run/jobd.sock", daemon, "other"]
    more = (f"read = [{json.dumps(str(tmp_path))}]\n"
            f"environment = {{ ATTACKS = {json.dumps(str(tmp_path / 'attacks.json'))} }}\n")
    (jobd.directory / "jobd.toml").write_text(
        pipeline(words, more) + '[[pipelines.other.steps]]\nname = "step"\n' + f'run = ["python3", "-c", {json.dumps(OTHER)}]\n')
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0jobd-test")
        listener.listen()
        assert jobd.jobctl("reload").returncode == 0
        other = {"jobType": "other", "jobId": "other", "fileIds": [jobd.upload(b"of somebody else", "a.txt")["fileId"]]}
        assert jobd.post("/api/jobs", other).status == 201
        wait_for(lambda: "listening" in lines(jobd, "other"), "the other step")
        job_id = jobd.process()["jobId"]
        job = jobd.wait(job_id)
    assert job["status"] == "completed", (job, lines(jobd, job_id))
    found = dict(map(json.loads, lines(jobd, job_id)))
    assert set(found) == set(ATTACKS)
    assert {name: (end, ATTACKS[name][1]) for name, end in found.items() if end not in ATTACKS[name][1].split()} == {}
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
    assert "no step runs, since no room can be made for it" in jobd.messages()
    file = jobd.upload(b"text", "a.txt")["fileId"]
    assert jobd.wait(jobd.post("/api/jobs", {"jobType": "plain", "fileIds": [file]}).json["jobId"])["status"] == "completed"
    assert jobd.get("/api/health/ready").status == 503


def test_where_no_room_can_be_made_auto_is_off_and_says_so(start, tmp_path, monkeypatch):
    in_a_namespace(monkeypatch, tmp_path, "echo 0 >/proc/sys/user/max_user_namespaces;")
    jobd = start('[sandbox]\nsteps = "auto"\n' + service.one_step("run = ['true']"))
    assert "no room can be made here" in jobd.messages()
    assert jobd.wait(jobd.process()["jobId"])["status"] == "completed"


def test_off_is_said(start):
    jobd = start('[sandbox]\nsteps = "off"\n[[pipelines.file_processing.steps]]\nname = "step"\nrun = ["true"]\n')
    assert "without walls" in jobd.messages()
    assert json.loads(jobd.jobctl("status", "--json").stdout)["sandbox"] == {"steps": "off"}
