"""What the units forbid is forbidden: the same attempts in the sandbox of each unit, and as the same user without one."""

import json
import re

import pytest

from machine import ROOT

# What either unit keeps from its processes, and why it is not so in the other. What a container takes away by itself
# (ProtectClock=, ProtectKernelModules=, ProtectKernelLogs=, RestrictRealtime=) cannot be told apart here.
FORBIDDEN = {
    "become_root": "NoNewPrivileges=", "hold_capabilities": "CapabilityBoundingSet=", "write_outside": "ProtectSystem=",
    "read_homes": "ProtectHome=", "see_others_tmp": "PrivateTmp=", "open_a_device": "PrivateDevices=",
    "see_owners": "PrivateUsers=", "share_memory": "PrivateIPC=", "connect_to_the_network": "RestrictAddressFamilies=",
    "see_other_processes": "ProtectProc=", "change_control_groups": "ProtectControlGroups=",
    "make_namespaces": "RestrictNamespaces=", "make_setuid_programs": "RestrictSUIDSGID=",
    "change_personality": "LockPersonality=", "trace": "SystemCallFilter=", "let_others_read": "UMask=",
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
        mknod -m 666 /dev/of-others c 1 3
        python3 -c 'import ctypes; assert ctypes.CDLL(None).shmget(12345, 4096, 0o1666) >= 0'
        mount -o remount,rw /sys/fs/cgroup || true
    """)
    return machine


def outcome(machine, unit):
    """The attempts in a unit that is this one, but for what it runs."""
    if unit:
        text = machine.run("systemctl", "cat", unit)
        kept = re.sub(r"(?m)^(ExecStart|ExecReload|Type|Restart\w*|Watchdog\w*|Sockets|Requires|Wants|After|PartOf)=.*\n", "", text)
        kept = kept.partition("[Install]")[0].replace("%i", "1")
    else:
        kept = "[Service]\nUser=jobd\nGroup=jobd\n"
    network = machine.run("readlink", "/proc/1/ns/net").strip()
    machine.write("/run/systemd/system/probe.service", kept + f"""
[Service]
Type=oneshot
Environment=PROBE=/var/lib/jobd
ExecStart=/usr/bin/python3 /opt/probe.py {network}
""")
    machine.sh("rm -f /opt/open/written; systemctl daemon-reload; systemctl start probe.service")
    return json.loads(machine.sh("cat /var/lib/jobd/answer; rm /var/lib/jobd/answer"))


def test_without_a_sandbox_all_of_it_can_be_done(prepared):
    answer = outcome(prepared, None)
    assert {name for name, came in answer.items() if came != "yes"} == set(), answer


@pytest.mark.parametrize("unit", ["jobd.service", "jobd-fastcgi@1.service"])
def test_in_the_units_none_of_it_can_be_done(prepared, unit):
    answer = outcome(prepared, unit)
    forbidden = FORBIDDEN if unit == "jobd.service" else FORBIDDEN | FRONTS_ONLY
    allowed = {f"{name} ({forbidden[name]})" for name, came in answer.items() if came == "yes" and name in forbidden}
    assert allowed == set(), answer


@pytest.mark.parametrize("unit, most", [("jobd.service", 1.5), ("jobd-fastcgi@1.service", 1.0)])
def test_systemd_finds_little_exposure(prepared, unit, most):
    text = prepared.try_run("systemd-analyze", "security", "--no-pager", unit).stdout
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text)[1])
    print(f"\n{unit}: {exposure}")
    assert exposure <= most, text
