"""What a step tries that it must not be able to do, and how each attempt ends."""

import ctypes
import errno
import json
import os
import socket

from service import wait_for

libc = ctypes.CDLL(None, use_errno=True)

# What a step tries, and how it ends: the name of the errno, of two where kernels differ; or "done" where it does no harm. CALL is
# syscall(2) by number (x86-64), RUN the run's directory; what SEE is given must be nothing.
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
    "the root before": ("os.stat('/../old/usr')", "ENOENT"),
    "owners of files": ("SEE(os.stat(OWNED).st_uid == 1)", "ENOENT"),
    # Processes
    "stop the first process": ("os.kill(1, signal.SIGSTOP)", "EPERM done"),
    "kill the first process": ("os.kill(1, signal.SIGKILL)", "EPERM done"),
    "find the daemon": ("os.kill(DAEMON, 0)", "ESRCH"),
    "kill the daemon": ("os.kill(DAEMON, signal.SIGKILL)", "ESRCH"),
    "the daemon's memory": ("open(f'/proc/{DAEMON}/mem', 'rb')", "ENOENT"),
    "write memory": ("CALL(311, DAEMON, 0, 0, 0, 0, 0)", "EPERM"),
    "trace": ("CALL(101, 16, 1, 0, 0)", "EPERM"),
    "descriptors of the first process": ("os.readlink('/proc/1/fd/0')", "EACCES"),
    "descriptors of the supervisor": ("SEE([number for number in os.listdir('/proc/self/fd') if int(number) > 3])", "ENOENT"),
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
    "the machine's sockets": ("SEE(open('/proc/self/net/tcp').readlines()[1:])", "ENOENT"),
    "the machine's message queue": ("CALL(240, ctypes.addressof(QUEUE), 0, 0, 0)", "ENOENT"),
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
    "capabilities": ("SEE(int(open('/proc/self/status').read().partition('CapBnd:')[2].split()[0], 16))", "ENOENT"),
    "the machine's name": ("SEE(os.uname().nodename != 'step')", "ENOENT"),
    "the machine's control groups": ("SEE(os.readlink('/proc/self/ns/cgroup') == GROUPS)", "ENOENT"),
    "host name": ("CALL(170, 0, 0)", "EPERM"),
    "other groups": ("os.setgroups([0])", "EPERM"),
    "io_uring": ("CALL(425, 8, 0)", "ENOSYS"),
    "bpf": ("CALL(321, 0, 0, 0)", "EPERM"),
    "performance events": ("CALL(298, 0, 0, -1, -1, 0)", "EPERM"),
    "page faults": ("CALL(323, 1)", "EPERM"),
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

# Reads from its input where is what, and which of them to try; prints how each ended.
SCRIPT = r"""
import ctypes, errno, fcntl, json, os, resource, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)

def CALL(number, *words):
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) for word in words]) == -1:
        raise OSError(ctypes.get_errno(), "")

def SEE(something):
    if not something:
        raise OSError(errno.ENOENT, "")

order = json.load(open(os.environ["JOBD_INPUT"]))
globals().update(order["facts"])
RUN = os.path.dirname(os.environ["JOBD_WORK_DIRECTORY"])
CAPABILITY = b"\1\0\0\2" + bytes(16)
QUEUE = ctypes.create_string_buffer(b"jobd-test")
for name, act in order["acts"].items():
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


class Surroundings:
    """What of this machine a step must not reach: an abstract socket, a message queue, a file of somebody else's."""

    def __init__(self, directory):
        self.owned = directory / "owned"
        self.listener = socket.socket(socket.AF_UNIX)

    def __enter__(self):
        # Another suite on this machine may have the name: they take turns.
        wait_for(self.takes_name, "the name of the socket", patience=900)
        self.listener.listen()
        if libc.mq_open(b"/jobd-test", os.O_CREAT | os.O_RDWR, 0o600, None) < 0:
            raise OSError(ctypes.get_errno(), "mq_open")
        self.owned.write_text("")
        if os.getuid() == 0:
            os.chown(self.owned, 1, 1)
        return self

    def takes_name(self):
        try:
            self.listener.bind("\0jobd-test")
            return True
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False

    def __exit__(self, *_):
        self.listener.close()
        libc.mq_unlink(b"/jobd-test")

    def order(self, jobd, names=ATTACKS):
        """The script's input, for attempts of these names."""
        [daemon] = jobd.part("serve")
        [other] = (jobd.directory / "data/runs").glob("other@*")
        facts = {
            "STORAGE": str(jobd.directory / "data"), "CONTROL": str(jobd.directory / "run/jobd.sock"), "DAEMON": daemon,
            "OTHER": other.name, "OWNED": str(self.owned), "GROUPS": os.readlink("/proc/self/ns/cgroup")}
        return json.dumps({"facts": facts, "acts": {name: ATTACKS[name][0] for name in names}}).encode()


def pipelines(read):
    """Steps that run the script, one of them seeing these paths; and the other step."""
    return f"""
[[pipelines.attack.steps]]
name = "step"
run = ["python3", "-c", {json.dumps(SCRIPT)}]

[[pipelines.attack_reading.steps]]
name = "step"
run = ["python3", "-c", {json.dumps(SCRIPT)}]
read = {json.dumps([str(path) for path in read])}

[[pipelines.other.steps]]
name = "step"
run = ["python3", "-c", {json.dumps(OTHER)}]
"""


def start_other(jobd):
    job = {"jobType": "other", "jobId": "other", "fileIds": [jobd.upload(b"of somebody else", "a.txt")["fileId"]]}
    assert jobd.post("/api/jobs", job).status == 201
    wait_for(lambda: "listening" in lines(jobd, "other"), "the other step")


def lines(jobd, job_id):
    return [line["text"] for line in jobd.get(f"/api/jobs/{job_id}/logs").json["lines"]]


def attack(jobd, order, kind="attack"):
    """The job that has tried it, and how each attempt ended."""
    file = jobd.upload(order, "order.json")["fileId"]
    job = jobd.wait(jobd.post("/api/jobs", {"jobType": kind, "fileIds": [file]}).json["jobId"])
    return job, dict(json.loads(line) for line in lines(jobd, job["jobId"]) if line.startswith("["))


def unexpected(found):
    """What has ended otherwise."""
    return {name: end for name, end in found.items() if end not in ATTACKS[name][1].split()}
