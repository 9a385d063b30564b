"""Tries what a sandbox should not let a service do, and keeps what came of it: "yes", or why not.

    PROBE=DIRECTORY python3 probe.py NETWORK-NAMESPACE HOST-NAMESPACE VICTIM [ATTEMPT…]      then DIRECTORY/answer

VICTIM is a process of the same user outside of the sandbox, with a word at an address: PID:ADDRESS.
"""

import ctypes
import errno
import json
import os
import pathlib
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
# Asked before the attempt at another personality, under which the machine has another name.
IS_X86 = os.uname().machine == "x86_64"
tries = {}


def attempt(action):
    """Runs it if it is asked for, and keeps its outcome under its name."""
    if action.__name__ not in (sys.argv[4:] or [action.__name__]):
        return action
    try:
        answer = action()
        tries[action.__name__] = "yes" if answer is None or answer is True else "no" if answer is False else answer
    except OSError as error:
        tries[action.__name__] = errno.errorcode[error.errno]
    return action


def call(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def in_a_child(name, *arguments):
    child = os.fork()
    if child == 0:
        os._exit(0 if getattr(libc, name)(*arguments) != -1 else ctypes.get_errno())
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise OSError(code, name)


@attempt
def become_root():
    return "euid=0" in subprocess.run("/opt/open/id", capture_output=True, text=True).stdout


@attempt
def hold_capabilities():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("CapBnd:")[2].split()[0], 16) != 0


@attempt
def write_outside():
    pathlib.Path("/opt/open/written").write_text("")


@attempt
def read_homes():
    return pathlib.Path("/home/ada/letter").exists()


@attempt
def see_others_tmp():
    return pathlib.Path("/tmp/of-others").exists()


@attempt
def open_a_device():
    open("/dev/of-others", "rb").close()


@attempt
def see_owners():
    return os.stat("/opt/open/of-daemon").st_uid == 1


@attempt
def share_memory():
    call("shmget", 12345, 4096, 0)


@attempt
def connect_to_the_network():
    socket.create_connection(("127.0.0.1", 80)).close()


@attempt
def see_other_processes():
    return pathlib.Path("/proc/1").exists()


@attempt
def see_the_kernel():
    return pathlib.Path("/proc/sys/kernel").exists()


@attempt
def change_control_groups():
    return not os.statvfs("/sys/fs/cgroup").f_flag & os.ST_RDONLY


@attempt
def make_namespaces():
    in_a_child("unshare", 0x10000000)


@attempt
def make_setuid_programs():
    path = pathlib.Path(os.environ["PROBE"], "setuid")
    path.write_text("")
    try:
        path.chmod(0o4755)
    finally:
        path.unlink()


@attempt
def change_personality():
    call("personality", 0x0008)


@attempt
def trace():
    in_a_child("ptrace", 0, 0, 0, 0)


@attempt
def change_priority():
    os.nice(1)


@attempt
def write_code():
    libc.mmap.restype = ctypes.c_void_p
    if libc.mmap(None, ctypes.c_size_t(4096), 7, 0x22, -1, ctypes.c_long(0)) == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")


@attempt
def adjust_the_clock():
    # By nothing, which is everybody's right.
    call("adjtimex", ctypes.create_string_buffer(512))


@attempt
def see_kernel_modules():
    return pathlib.Path("/usr/lib/modules/test").exists()


@attempt
def read_the_kernel_log():
    os.close(os.open("/proc/kmsg", os.O_RDONLY | os.O_NONBLOCK))


@attempt
def run_in_real_time():
    try:
        call("sched_setscheduler", 0, os.SCHED_RR, None)
    except OSError as error:
        # The kernel itself misses the priority first, and only then the right.
        if error.errno != errno.EINVAL:
            raise


def call_as_x32():
    child = os.fork()
    if child == 0:
        libc.syscall(ctypes.c_long(0x40000000 | 39))
        os._exit(0)
    # A kernel that does not have x32 says so, and kills nobody.
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


if IS_X86:
    attempt(call_as_x32)


@attempt
def send_packets():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.sendto(b"", ("127.0.0.1", 9))


@attempt
def let_others_read():
    path = pathlib.Path(os.environ["PROBE"], "file")
    path.write_text("")
    mode = path.stat().st_mode
    path.unlink()
    return bool(mode & 0o007)


@attempt
def reach_the_network_namespace():
    return os.readlink("/proc/self/ns/net") == sys.argv[1]


@attempt
def rename_the_machine():
    return os.readlink("/proc/self/ns/uts") == sys.argv[2]


@attempt
def change_kernel_settings():
    return not os.statvfs("/proc/sys/net").f_flag & os.ST_RDONLY


def victim():
    pid, address = sys.argv[3].split(":")
    return int(pid), int(address)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def move_memory(name, word):
    """A word of the victim's, read into here or written from here."""
    pid, address = victim()
    buffer = ctypes.create_string_buffer(word)
    here, there = Vector(ctypes.addressof(buffer), len(word)), Vector(address, len(word))
    call(name, pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)


@attempt
def read_memory_of_others():
    move_memory("process_vm_readv", b"....")


@attempt
def write_memory_of_others():
    move_memory("process_vm_writev", b"word")


@attempt
def open_memory_of_others():
    open(f"/proc/{victim()[0]}/mem", "r+b").close()


@attempt
def signal_others():
    os.kill(victim()[0], 0)


@attempt
def signal_others_threads():
    call("syscall", ctypes.c_long(234 if IS_X86 else 131), victim()[0], victim()[0], 0)


@attempt
def read_the_database():
    open("/var/lib/jobd/jobd.sqlite", "rb").close()


def connect(address):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)


@attempt
def connect_to_the_daemon():
    connect("/run/jobd/front.sock")


@attempt
def connect_to_the_bus():
    connect("/run/dbus/system_bus_socket")


@attempt
def connect_to_an_abstract_socket():
    connect("\0of-others")


@attempt
def see_others_shared_memory():
    return pathlib.Path("/dev/shm/of-others").exists()


@attempt
def use_io_uring():
    parameters = ctypes.create_string_buffer(120)
    call("syscall", ctypes.c_long(425), 4, parameters)


@attempt
def handle_page_faults():
    # Of its own, in user mode: everybody's right.
    call("syscall", ctypes.c_long(323 if IS_X86 else 282), 1)


@attempt
def use_keyrings():
    # KEYCTL_GET_KEYRING_ID of the session's.
    call("syscall", ctypes.c_long(250 if IS_X86 else 219), 0, -3, 1)


pathlib.Path(os.environ["PROBE"], "answer").write_text(json.dumps(tries))
