"""What the units forbid is forbidden: the same attempts in the sandbox of each unit, as the same user without one, and
with each directive alone."""

import json
import platform
import re

import pytest

from machine import ROOT

DAEMON, FRONT = "jobd.service", "jobd-fastcgi@1.service"
BARE = "[Service]\nUser=jobd\nGroup=jobd\nStateDirectory=jobd\nStateDirectoryMode=0750\n"

# What both units keep from their processes, and by which directive.
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
}
# Steps may be programs that compile at run time, order their threads, want to know the machine or, with a drop-in, use the
# network.
FRONTS_ONLY = {
    "change_priority": "SystemCallFilter=~@resources", "write_code": "MemoryDenyWriteExecute=",
    "reach_the_network_namespace": "PrivateNetwork=", "see_the_kernel": "ProcSubset=",
}


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
    return machine


def directives(machine, unit):
    """A unit as text, but for what it runs."""
    text = machine.run("systemctl", "cat", unit)
    kept = re.sub(r"(?m)^(ExecStart|ExecReload|Type|Restart\w*|Watchdog\w*|Sockets|Requires|Wants|After|PartOf)=.*\n", "", text)
    return kept.partition("[Install]")[0].replace("%i", "1")


def run(machine, text, command):
    """Runs a command in a unit of its own, to its end."""
    machine.write("/run/systemd/system/probe.service", text + f"""
[Service]
Type=oneshot
Environment=PROBE=/var/lib/jobd
ExecStart={command}
""")
    machine.sh("systemctl daemon-reload; systemctl start probe.service")


def outcome(machine, text, *names):
    """What came of the attempts, or of these, in a unit."""
    namespaces = machine.run("readlink", "/proc/1/ns/net", "/proc/1/ns/uts").split()
    machine.sh("rm -f /opt/open/written")
    run(machine, text, f"/usr/bin/python3 /opt/probe.py {' '.join([*namespaces, *names])}")
    return json.loads(machine.sh("cat /var/lib/jobd/answer; rm /var/lib/jobd/answer"))


def test_without_a_sandbox_all_of_it_can_be_done(prepared):
    answer = outcome(prepared, BARE)
    assert {name for name, came in answer.items() if came != "yes"} == set(), answer


@pytest.mark.parametrize("unit", [DAEMON, FRONT])
def test_in_the_units_none_of_it_can_be_done(prepared, unit):
    answer = outcome(prepared, directives(prepared, unit))
    forbidden = FORBIDDEN if unit == DAEMON else FORBIDDEN | FRONTS_ONLY
    allowed = {f"{name} ({forbidden[name]})" for name, came in answer.items() if came == "yes" and name in forbidden}
    assert allowed == set(), answer


@pytest.mark.parametrize("name", [*FORBIDDEN, *FRONTS_ONLY])
def test_each_directive_forbids_it_alone(prepared, name):
    """As the units have it, so that none of them is there for nothing."""
    if name == "call_as_x32" and platform.machine() != "x86_64":
        pytest.skip("this processor has no second architecture")
    directive = (FORBIDDEN | FRONTS_ONLY)[name].partition("=")[0]
    for unit in [DAEMON, FRONT] if name in FORBIDDEN else [FRONT]:
        lines = re.findall(rf"(?m)^(?:{directive}|SystemCallErrorNumber)=.*", directives(prepared, unit))
        assert outcome(prepared, BARE + "\n".join(lines), name)[name] != "yes", (unit, lines)


@pytest.mark.parametrize("file", ["jobd.service", "jobd-fastcgi@.service"])
def test_no_directive_is_believed_unseen(file):
    sandbox = (ROOT / "systemd" / file).read_text().partition("NoNewPrivileges")
    written = set(re.findall(r"(?m)^(\w+)=", sandbox[1] + sandbox[2].partition("[Install]")[0]))
    shown = {directive.partition("=")[0] for directive in (FORBIDDEN | FRONTS_ONLY).values()}
    # The first has nothing to take away, the second is how refusals look, the third is below.
    assert written - shown == {"AmbientCapabilities", "SystemCallErrorNumber", "RemoveIPC"}


@pytest.mark.parametrize("unit", [DAEMON, FRONT])
def test_nothing_stays_in_shared_memory(prepared, unit):
    """RemoveIPC= removes what is the user's when the last of its units ends."""
    prepared.run("systemctl", "stop", "jobd.target", "jobd.socket", "jobd-fastcgi.socket")
    text = directives(prepared, unit)
    for text, left in ((text.replace("RemoveIPC=yes", ""), "left\n"), (text, "")):
        run(prepared, text, "/bin/sh -c 'echo >/dev/shm/left'")
        assert prepared.sh("cd /dev/shm; ls; rm -f left") == left
    prepared.run("systemctl", "start", "jobd.socket", "jobd-fastcgi.socket", "jobd.target")


@pytest.mark.parametrize("unit, most", [(DAEMON, 1.5), (FRONT, 1.0)])
def test_systemd_finds_little_exposure(prepared, unit, most):
    text = prepared.try_run("systemd-analyze", "security", "--no-pager", unit).stdout
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text)[1])
    print(f"\n{unit}: {exposure}")
    assert exposure <= most, text
