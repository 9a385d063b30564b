"""Steps in the package: in rooms, in units of their own, apart from the daemon."""

import json

import pytest

from machine import ROOT, wait_for

PLAIN, OPEN = "jobd-steps.service", "jobd-steps-open.service"
GROUP = f"/sys/fs/cgroup/system.slice/{PLAIN}"

PIPELINES = """
[[pipelines.stay.steps]]
name = "stay"
run = ["sh", "-c", '''
[ -e /opt/go ] || setsid sleep 23456 &
until [ -e /opt/go ]; do sleep 0.1; done
''']

[pipelines.stay]
maxAttempts = 2
retryDelay = "1s"

[[pipelines.open.steps]]
name = "stay"
run = ["sh", "-c", "until [ -e /opt/go ]; do sleep 0.1; done; echo made >/srv/results/made"]
write = ["/srv/results"]

[[pipelines.probe.steps]]
name = "probe"
run = ["/opt/probe.sh"]

[[pipelines.probe_open.steps]]
name = "probe"
run = ["/opt/probe.sh"]
home = true
network = true

[[pipelines.memory.steps]]
name = "fill"
run = ["python3", "-c", '''
import os
os.fork()
x = []
while True: x.append(bytearray(10_000_000))
''']
memoryBytes = 200000000

[[pipelines.forks.steps]]
name = "fork"
run = ["python3", "-c", '''
import os
while True:
    try: os.fork()
    except OSError: pass
''']
timeout = "4s"

# Memory that the kernel has for a step, and none of its processes.
[[pipelines.sockets.steps]]
name = "fill"
run = ["python3", "-c", '''
import socket
kept = []
while True:
    one, other = socket.socketpair()
    kept += [one, other]
    one.setblocking(False)
    try:
        while True: one.send(bytes(4096))
    except BlockingIOError: pass
''']
memoryBytes = 50000000
"""

# What a step may do to itself and see of its own; everything else that probe.py tries it may not.
ITS_OWN = {"change_priority", "write_code", "see_the_kernel", "see_other_processes"}
# What it has of others when its keys say so.
WITH_KEYS = ITS_OWN | {"read_homes", "connect_to_the_network", "send_packets", "reach_the_network_namespace"}
# How the attempts end that the kernel refuses; the others find nothing.
REFUSALS = {
    "write_outside": "EROFS", "open_a_device": "ENOENT", "share_memory": "ENOSYS", "make_namespaces": "EPERM",
    "make_setuid_programs": "EPERM", "change_personality": "EPERM", "change_control_groups": "ENOENT", "trace": "EPERM",
    "adjust_the_clock": "EPERM", "read_the_kernel_log": "EACCES", "run_in_real_time": "EPERM",
    "read_memory_of_others": "EPERM", "write_memory_of_others": "EPERM", "open_memory_of_others": "ENOENT",
    "signal_others": "ESRCH", "signal_others_threads": "ESRCH", "read_the_database": "ENOENT",
    "connect_to_the_daemon": "ENOENT", "connect_to_the_bus": "ENOENT", "connect_to_the_network": "EAFNOSUPPORT",
    "send_packets": "EAFNOSUPPORT", "connect_to_an_abstract_socket": "ECONNREFUSED", "use_io_uring": "ENOSYS",
    "handle_page_faults": "EPERM", "use_keyrings": "EPERM",
}


@pytest.fixture(scope="module")
def jobd(machine):
    machine.put(ROOT / "Tests/Installed/probe.py", "/opt/probe.py")
    machine.sh("""
        cat >>/etc/jobd/jobd.toml
        mkdir -p /opt/open /srv/results; chown jobd /srv/results
        [ -e /opt/open/id ] || { cp /usr/bin/id /opt/open/id; chmod 4755 /opt/open/id; echo >/opt/open/of-daemon; chown daemon /opt/open/of-daemon; }
        cat >/opt/probe.sh <<END
#!/bin/sh
export PROBE="\\$JOBD_OUTPUT_DIRECTORY"
exec python3 /opt/probe.py $(readlink /proc/1/ns/net /proc/1/ns/uts | tr '\\n' ' ') $(pgrep -xo systemd-journal):4096
END
        chmod 755 /opt/probe.sh
        jobctl reload
    """, input=PIPELINES)
    yield machine
    machine.sh("rm -f /opt/go")


def stay(jobd, kind="stay"):
    jobd.sh("rm -f /opt/go")
    job_id = jobd.process(jobType=kind)
    wait_for(lambda: jobd.job(job_id)["status"] == "processing" and processes(jobd), "the step")
    return job_id


def processes(jobd):
    """Of steps: the unit of each, by its number."""
    units = {}
    for pid in jobd.try_run("pgrep", "-f", "^(sh -c|sleep)").stdout.split():
        group = jobd.try_run("cat", f"/proc/{pid}/cgroup").stdout.strip()
        if "jobd" in group:
            units[pid] = next(part for part in group.split("/") if part.startswith("jobd"))
    return units


def sandbox(jobd):
    return json.loads(jobd.run("jobctl", "status", "--json"))["sandbox"]


def has_groups(jobd):
    """Whether this machine limits memory with cgroup v2, so that each step has a group of its own."""
    return "memory" in jobd.try_run("cat", f"{GROUP}/cgroup.controllers").stdout.split()


def is_well(jobd):
    return sandbox(jobd) == {"steps": "on", "working": True, "memory": "held" if has_groups(jobd) else "watched"}


def test_rooms_can_be_made_as_the_package_is(jobd):
    assert is_well(jobd), sandbox(jobd)
    found = json.loads(jobd.try_run("jobctl", "doctor", "--json").stdout)["findings"]
    assert [finding["state"] for finding in found if finding["check"] == "sandbox"] == ["ok"], found
    assert "jobd_sandbox_working 1" in jobd.run("jobctl", "metrics")


@pytest.mark.parametrize("kind, allowed", [("probe", ITS_OWN), ("probe_open", WITH_KEYS)])
def test_a_step_reaches_nothing_of_the_machine(jobd, kind, allowed):
    jobd.sh("mkdir -p /home/ada; echo >/home/ada/letter")
    job = jobd.wait(jobd.process(jobType=kind))
    assert job["status"] == "completed", (job, jobd.run("jobctl", "logs", job["jobId"]))
    answer = json.loads(jobd.curl(f"/api/jobs/{job['jobId']}/artifacts/answer"))
    assert len(answer) > 30
    # Where the kernel has scopes, it says another word.
    words = {name: came.replace("EPERM", "ECONNREFUSED") if "abstract" in name else came for name, came in answer.items()}
    # Refused only where there are any.
    words["see_kernel_modules"] = words["see_kernel_modules"].replace("EACCES", "no")
    assert {name: came for name, came in words.items() if came != ("yes" if name in allowed else REFUSALS.get(name, "no"))} == {}


@pytest.mark.parametrize("kind, unit", [("stay", PLAIN), ("open", OPEN)])
def test_steps_run_in_their_units_and_none_outlives_what_runs_them(jobd, kind, unit):
    job_id = stay(jobd, kind)
    left = processes(jobd)
    assert set(left.values()) == {unit}, left
    before = jobd.main_pid(unit)
    jobd.run("kill", "-9", str(before))
    wait_for(lambda: not set(left) & set(processes(jobd)), "the end of the step")
    wait_for(lambda: jobd.main_pid(unit) not in (0, before), "the unit")
    if kind == "stay":
        wait_for(lambda: jobd.job(job_id)["attempt"] == 2, "the second attempt")
        jobd.sh("touch /opt/go")
        assert jobd.wait(job_id)["status"] == "completed"
    else:
        assert jobd.wait(job_id)["error"]["code"] == "lost"
    assert sandbox(jobd)["working"]


@pytest.mark.parametrize("kind, codes", [("memory", {"memory"}), ("forks", {"signal", "timeout"})])
def test_a_bomb_ends_with_its_cause_named_and_nothing_is_left(jobd, kind, codes):
    job = jobd.wait(jobd.process(jobType=kind))
    assert job["status"] == "failed" and job["error"]["code"] in codes, job
    wait_for(lambda: jobd.processes("python3 -c") == [], "the end of the bomb")
    assert jobd.json("/api/health/ready") == {"status": "ready"}


def test_a_step_has_a_control_group_where_its_unit_can_have_one(jobd):
    if not has_groups(jobd):
        pytest.skip("this machine does not limit memory with cgroup v2")
    job_id = stay(jobd)
    limits = jobd.sh(f"cd {GROUP}/step-*; cat memory.max memory.swap.max memory.oom.group pids.max").split()
    assert limits == [str((2 << 30) + (64 << 20)), "0", "1", "513"]
    # With the room's first process; some of the others come and go.
    before = set(processes(jobd))
    inside = set(jobd.sh(f"cat {GROUP}/step-*/cgroup.procs").split())
    assert inside > before & set(processes(jobd))
    # What a crash leaves there goes, too.
    jobd.run("kill", "-9", *jobd.sh(f"pgrep -P {jobd.main_pid(PLAIN)}").split())
    wait_for(lambda: jobd.job(job_id)["attempt"] == 2, "the second attempt")
    jobd.sh("touch /opt/go")
    assert jobd.wait(job_id)["status"] == "completed"
    assert jobd.wait(jobd.process(jobType="sockets"))["error"]["code"] == "memory"
    wait_for(lambda: jobd.sh(f"ls -d {GROUP}/step-* || true") == "", "the end of the groups")


def test_a_picture_and_a_document_are_worked_on_as_shipped(jobd):
    for path, made in (("files/orientation-6.jpg", "thumbnail.webp"), ("pdf/contract.pdf", "text.txt")):
        name = path.rpartition("/")[2]
        jobd.put(ROOT / "Tests/Fixtures" / path, f"/root/{name}")
        file = jobd.json(f"/api/files?name={name}", "--data-binary", f"@/root/{name}")["fileId"]
        job = jobd.wait(jobd.post("/api/file-manager/process", {"fileIds": [file]})["jobId"])
        names = [artifact["name"] for artifact in job["artifacts"]]
        assert job["status"] == "completed" and made in names, job


BROKEN = {
    "a unit that may make no rooms": ("[Service]\nRestrictNamespaces=yes\n", "", "clone failed: Operation not permitted"),
    "a unit that does not start": ("[Service]\nExecStart=\nExecStart=/bin/false\n", "", "failed: Connection timed out"),
    "a unit that does not see the storage (full)": ("[Service]\nBindPaths=\n", "", "chdir failed: No such file or directory"),
    "no socket (full)": ("", "systemctl mask --runtime --now jobd-steps.socket", "connect of /run/jobd-steps/steps.sock failed"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_without_rooms_no_step_runs_and_everything_else_goes_on(jobd, full, what):
    if "full" in what and not full:
        pytest.skip("as RoomTests show it: --full")
    text, command, reason = BROKEN[what]
    with jobd.drop_in(PLAIN, text):
        jobd.sh(f"systemctl stop {PLAIN}; {command or ':'}; systemctl kill -s KILL jobd")
        wait_for(lambda: jobd.try_run("jobctl", "status").returncode == 0 and not sandbox(jobd)["working"], "the probe")
        assert reason in sandbox(jobd)["reason"] and "/run/jobd-steps/steps.sock" in sandbox(jobd)["reason"], sandbox(jobd)
        job_id = jobd.process()
        assert jobd.json(f"/api/jobs/{job_id}/explain")["because"] == "sandbox"
        assert jobd.job(job_id)["status"] == "queued"
        answer = jobd.run("curl", "-s", "-w", "%{http_code}", "http://127.0.0.1/api/health/ready")
        assert answer.endswith("503") and "No sandbox can be made for steps." in answer, answer
        assert "jobd_sandbox_working 0" in jobd.run("jobctl", "metrics")
        found = json.loads(jobd.try_run("jobctl", "doctor", "--json").stdout)["findings"]
        assert [finding["state"] for finding in found if finding["check"] == "sandbox"] == ["problem"], found
        assert any(reason in entry.get("REASON", "") + entry["MESSAGE"] for entry in jobd.journal("-u", "jobd")), reason
    jobd.sh(f"systemctl unmask --runtime jobd-steps.socket; systemctl start jobd-steps.socket; systemctl stop {PLAIN}")
    # The daemon finds out by itself.
    assert jobd.wait(job_id)["status"] == "completed"
    assert jobd.json("/api/health/ready") == {"status": "ready"}


def test_what_check_config_prints_lets_a_step_write(jobd):
    lines = jobd.run("jobd", "check-config").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"{OPEN} needs"))
    text = "\n".join(line.strip() for line in lines[begin + 1:] if line.startswith("    "))
    assert text == "[Service]\nReadWritePaths=-/srv/results"
    jobd.sh("touch /opt/go")
    assert "Read-only file system" in jobd.run("jobctl", "logs", jobd.wait(jobd.process(jobType="open"))["jobId"])
    with jobd.drop_in(OPEN, text):
        jobd.run("systemctl", "restart", OPEN)
        assert jobd.wait(jobd.process(jobType="open"))["status"] == "completed"
    assert jobd.run("cat", "/srv/results/made") == "made\n"
    jobd.run("systemctl", "restart", OPEN)


def test_another_storage_is_put_in_place_of_the_first(jobd):
    """As a backup is: what runs steps sees the new one."""
    jobd.sh("""
        systemctl stop jobd.target 'jobd*.socket' 'jobd*.service'
        mv /var/lib/jobd /var/lib/before
        cp -a /var/lib/before /var/lib/jobd
        systemctl start jobd.target
    """)
    assert is_well(jobd), sandbox(jobd)
    assert jobd.wait(jobd.process())["status"] == "completed"
    jobd.sh("rm -r /var/lib/before")
