"""What the units forbid is forbidden: the same attempts in the sandbox of each unit, as the same user without one, and
with each directive alone."""

import json
import platform
import re

import pytest

from machine import ROOT

DAEMON, FRONT = "jobd.service", "jobd-fastcgi@1.service"
STEPS, OPEN = "jobd-steps.service", "jobd-steps-open.service"
BARE = "[Service]\nUser=jobd\nGroup=jobd-data\nReadWritePaths=/var/lib/jobd/files\n"

# What daemon and fronts keep from their processes, and by which directive.
FORBIDDEN = {
    "become_root": "NoNewPrivileges=", "hold_capabilities": "CapabilityBoundingSet=", "write_outside": "ProtectSystem=",
    "read_homes": "ProtectHome=", "see_others_tmp": "PrivateTmp=", "open_a_device": "PrivateDevices=",
    "see_owners": "PrivateUsers=", "share_memory": "PrivateIPC=", "connect_to_the_network": "RestrictAddressFamilies=",
    "see_other_processes": "ProtectProc=", "change_control_groups": "ProtectControlGroups=",
    "make_namespaces": "RestrictNamespaces=", "make_setuid_programs": "RestrictSUIDSGID=",
    "change_personality": "LockPersonality=", "trace": "SystemCallFilter=", "let_others_read": "UMask=",
    "adjust_the_clock": "ProtectClock=", "see_kernel_modules": "ProtectKernelModules=",
    "read_the_kernel_log": "ProtectKernelLogs=", "run_in_real_time": "RestrictRealtime=",
    "call_as_x32": "SystemCallArchitectures=", "send_packets": "IPAddressDeny=",
    "rename_the_machine": "ProtectHostname=", "change_kernel_settings": "ProtectKernelTunables=",
    "reach_the_network_namespace": "PrivateNetwork=", "connect_to_an_abstract_socket": "PrivateNetwork=",
    "connect_to_the_bus": "TemporaryFileSystem=", "see_others_shared_memory": "TemporaryFileSystem=",
    "use_io_uring": "SystemCallFilter=", "read_memory_of_others": "SystemCallFilter=",
    "write_memory_of_others": "SystemCallFilter=", "handle_page_faults": "SystemCallFilter=",
    "use_keyrings": "SystemCallFilter=", "open_memory_of_others": "PrivateUsers=",
    "change_priority": "SystemCallFilter=~@resources", "write_code": "MemoryDenyWriteExecute=",
    "signal_others": "SystemCallFilter=", "signal_others_threads": "SystemCallFilter=",
}
# The daemon has a database, and looks whether the machine has started anew.
FRONTS_ONLY = {"see_the_kernel": "ProcSubset=", "read_the_database": "TemporaryFileSystem="}
# The fronts are clients of the daemon; it is not its own.
DAEMON_ONLY = {"connect_to_the_daemon": "TemporaryFileSystem="}
# What runs steps makes their rooms and ends what is in them. Steps may be programs that compile at run time, order their threads, and
# want to know the machine; what else they may not, the room sees to.
OF_STEPS = {
    "see_owners", "make_namespaces", "open_memory_of_others", "change_priority", "write_code", "signal_others",
    "signal_others_threads", "see_the_kernel"}
OF_OPEN_STEPS = OF_STEPS | {
    "read_homes", "connect_to_the_network", "send_packets", "reach_the_network_namespace", "connect_to_an_abstract_socket"}
ALL = FORBIDDEN | FRONTS_ONLY | DAEMON_ONLY
OF_UNITS = {
    DAEMON: FORBIDDEN | DAEMON_ONLY, FRONT: FORBIDDEN | FRONTS_ONLY,
    STEPS: {name: ALL[name] for name in ALL if name not in OF_STEPS},
    OPEN: {name: ALL[name] for name in ALL if name not in OF_OPEN_STEPS}}

# A process of the daemon's user with a word in its memory, an abstract socket, and a file in /dev/shm.
VICTIM = """
import ctypes, os, pathlib, socket, time
os.setgid(int(os.environ["GID"])); os.setuid(int(os.environ["UID_"]))
word = ctypes.create_string_buffer(b"word")
listener = socket.socket(socket.AF_UNIX); listener.bind("\\0of-others"); listener.listen()
pathlib.Path("/dev/shm/of-others").touch()
ctypes.CDLL(None).prctl(4, 1)
pathlib.Path("/opt/open/victim").write_text(f"{os.getpid()}:{ctypes.addressof(word)}")
while True: time.sleep(1000)
"""


@pytest.fixture(scope="module")
def prepared(machine):
    machine.put(ROOT / "Tests/Installed/probe.py", "/opt/probe.py")
    machine.sh("""
        mkdir -m 1777 /opt/open
        cp /usr/bin/id /opt/open/id; chmod 4755 /opt/open/id
        echo >/opt/open/of-daemon; chown daemon /opt/open/of-daemon
        mkdir -p /home/ada; echo >/home/ada/letter
        echo >/tmp/of-others
        mkdir -p /usr/lib/modules/test
        chmod a+r /proc/kmsg
        mknod -m 666 /dev/of-others c 1 3
        python3 -c 'import ctypes; assert ctypes.CDLL(None).shmget(12345, 4096, 0o1666) >= 0'
        mount -o remount,rw /sys/fs/cgroup || true
    """)
    machine.write("/opt/victim.py", VICTIM)
    machine.sh("""
        systemd-run --quiet --unit victim -p User=root --setenv=UID_=$(id -u jobd) --setenv=GID=$(id -g jobd) \\
            /usr/bin/python3 /opt/victim.py
        until [ -s /opt/open/victim ]; do sleep 0.1; done
    """)
    yield machine
    machine.sh("systemctl stop victim; rm -f /dev/shm/of-others /opt/open/victim")


def directives(machine, unit):
    """A unit as text, but for what it runs."""
    text = machine.run("systemctl", "cat", unit)
    kept = re.sub(r"(?m)^(ExecStart|ExecReload|StandardInput|Type|Restart\w*|Watchdog\w*|Sockets|Requires|Wants|After|PartOf)=.*\n", "", text)
    return kept.partition("[Install]")[0].replace("%i", "1")


def run(machine, text, command, folder="/var/lib/jobd/files"):
    """Runs a command in a unit of its own, to its end."""
    machine.write("/run/systemd/system/probe.service", text + f"""
[Service]
Type=oneshot
Environment=PROBE={folder}
ExecStart={command}
""")
    machine.sh("systemctl daemon-reload; systemctl start probe.service")


def outcome(machine, text, *names, folder="/var/lib/jobd/files"):
    """What came of the attempts, or of these, in a unit that may write to the folder."""
    namespaces = machine.run("readlink", "/proc/1/ns/net", "/proc/1/ns/uts").split()
    victim = machine.run("cat", "/opt/open/victim")
    machine.sh("rm -f /opt/open/written")
    run(machine, text, f"/usr/bin/python3 /opt/probe.py {' '.join([*namespaces, victim, *names])}", folder)
    return json.loads(machine.sh(f"cat {folder}/answer; rm {folder}/answer"))


def test_without_a_sandbox_all_of_it_can_be_done(prepared):
    answer = outcome(prepared, BARE)
    assert {name for name, came in answer.items() if came != "yes"} == set(), answer


@pytest.mark.parametrize("unit", OF_UNITS)
def test_in_the_units_none_of_it_can_be_done(prepared, unit):
    """Those of steps: without a room, as for one that has left it."""
    folder = "/var/lib/jobd/runs" if unit in (STEPS, OPEN) else "/var/lib/jobd/files"
    answer = outcome(prepared, directives(prepared, unit), folder=folder)
    forbidden = OF_UNITS[unit]
    allowed = {f"{name} ({forbidden[name]})" for name, came in answer.items() if came == "yes" and name in forbidden}
    assert allowed == set(), answer


@pytest.mark.parametrize("name", [*FORBIDDEN, *FRONTS_ONLY, *DAEMON_ONLY])
def test_each_directive_forbids_it_alone(prepared, name):
    """As the units have it, so that none of them is there for nothing."""
    if name == "call_as_x32" and platform.machine() != "x86_64":
        pytest.skip("this processor has no second architecture")
    directive = ALL[name].partition("=")[0]
    for unit in [DAEMON, FRONT] if name in FORBIDDEN else [FRONT] if name in FRONTS_ONLY else [DAEMON]:
        lines = re.findall(rf"(?m)^(?:{directive}|SystemCallErrorNumber|Bind\w*)=.*", directives(prepared, unit))
        assert outcome(prepared, BARE + "\n".join(lines), name)[name] != "yes", (unit, lines)


@pytest.mark.parametrize("file", ["jobd.service", "jobd-fastcgi@.service", "jobd-deliver.service", STEPS, OPEN])
def test_no_directive_is_believed_unseen(file):
    sandbox = (ROOT / "systemd" / file).read_text().partition("NoNewPrivileges")
    written = set(re.findall(r"(?m)^(\w+)=", sandbox[1] + sandbox[2].partition("[Install]")[0]))
    shown = {directive.partition("=")[0] for directive in ALL.values()}
    # The first has nothing to take away, the second is how refusals look, the third is below; the others give back some of
    # what TemporaryFileSystem= hides and of what ProtectControlGroups= keeps from being written.
    assert written - shown - {"BindPaths", "BindReadOnlyPaths", "ReadWritePaths"} == {
        "AmbientCapabilities", "SystemCallErrorNumber", "RemoveIPC"}


@pytest.mark.parametrize("unit", [DAEMON, FRONT])
def test_nothing_stays_in_shared_memory(prepared, unit):
    """RemoveIPC= removes what is the user's when the last of its units ends."""
    prepared.run("systemctl", "stop", "jobd.target", "jobd*.socket", "jobd*.service")
    # With one of its own there is nothing to see.
    text = re.sub(r" ?/dev/shm\S*", "", directives(prepared, unit))
    for text, left in ((text.replace("RemoveIPC=yes", ""), "left\n"), (text, "")):
        run(prepared, text, "/bin/sh -c 'echo >/dev/shm/left'")
        assert prepared.sh("cd /dev/shm; ls; rm -f left") == left
    prepared.run("systemctl", "start", "jobd.socket", "jobd-fastcgi.socket", "jobd.target")


@pytest.mark.parametrize("unit, most", [(DAEMON, 0.5), (FRONT, 1.0), (STEPS, 1.8), (OPEN, 2.7)])
def test_systemd_finds_little_exposure(prepared, unit, most):
    text = prepared.try_run("systemd-analyze", "security", "--no-pager", unit).stdout
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text)[1])
    print(f"\n{unit}: {exposure}")
    assert exposure <= most, text
