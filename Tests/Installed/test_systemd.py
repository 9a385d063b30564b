"""jobd under a real systemd: sockets, readiness, watchdog, restarts under load, kills, the journal, a reboot."""

import contextlib
import json
import os
import subprocess
import sys
import time

import pytest

from machine import PATIENCE, ROOT, wait_for

FRONTS = ("jobd-fastcgi@1.service", "jobd-fastcgi@2.service")

# `wait` leaves a process behind that is in a session of its own, and goes on when it is told to.
PIPELINES = """
[[pipelines.wait.steps]]
name = "wait"
run = ["sh", "-c", '''
setsid sleep 12345 &
until [ -e /opt/go ]; do sleep 0.1; done
kill $!
''']

[[pipelines.loud.steps]]
name = "speak"
run = ["sh", "-c", "echo to the log; false"]
"""


@pytest.fixture(scope="module")
def jobd(machine):
    machine.sh("cat >>/etc/jobd/jobd.toml", input=PIPELINES)
    machine.run("jobd", "check-config")
    machine.run("systemctl", "reload", "jobd")
    return machine


@contextlib.contextmanager
def load(machine, rate=200):
    """Requests while something happens to the service; none of them may fail."""
    process = machine.in_network(
        "python3", ROOT / "Tests/Installed/load.py", str(rate), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield
    except BaseException:
        process.kill()
        raise
    answer = json.loads(process.communicate("")[0])
    print("\n" + json.dumps(answer))
    if answer["failed"]:
        print(machine.try_run("tail", "/var/log/nginx/error.log").stdout)
    assert answer["failed"] == 0 and answer["requests"] > rate / 2, answer


def is_ready(machine):
    return machine.try_run("curl", "-sf", "http://127.0.0.1/api/health/ready").returncode == 0


def go(machine):
    machine.sh("touch /opt/go")


def stay(machine):
    """A job whose step runs until `go`."""
    machine.sh("rm -f /opt/go")
    job_id = machine.process(jobType="wait")
    wait_for(lambda: sleeping(machine), "the step")
    return job_id


def sleeping(machine):
    """What the step leaves behind; its shell has the words among its own."""
    return machine.try_run("pgrep", "-f", "^sleep 12345").stdout.split()


# Sockets


def test_a_request_starts_what_is_not_running(jobd):
    # First those that would ask for the daemon again.
    jobd.run("systemctl", "stop", *FRONTS, "jobd-deliver.service")
    jobd.run("systemctl", "stop", "jobd.service")
    wait_for(lambda: jobd.processes("/usr/bin/jobd") == [], "the end of what runs steps")
    assert jobd.post("/api/jobs", {"jobType": "import"})["status"] == "pending"
    assert jobd.run("systemctl", "is-active", "jobd.service", FRONTS[0]).split() == ["active"] * 2
    # The client, too, though nothing else runs.
    jobd.run("systemctl", "stop", *FRONTS, "jobd-deliver.service")
    jobd.run("systemctl", "stop", "jobd.service")
    assert json.loads(jobd.run("jobctl", "status", "--json"))["version"]
    jobd.run("systemctl", "start", "jobd.target", "jobd-fastcgi.target")


def test_all_fronts_accept_on_one_socket(jobd):
    jobd.run("systemctl", "start", "jobd-fastcgi@3.service")
    sockets = {
        jobd.run("readlink", f"/proc/{jobd.main_pid(unit)}/fd/3").strip() for unit in (*FRONTS, "jobd-fastcgi@3.service")}
    assert len(sockets) == 1 and sockets.pop().startswith("socket:")
    # None of them may be stopped by it, whoever takes a connection: also while another one is being started.
    assert jobd.show(FRONTS[0], "NonBlocking") == "yes"
    flags = jobd.run("sed", "-n", "s/^flags:\\t*//p", f"/proc/{jobd.main_pid(FRONTS[0])}/fdinfo/3")
    assert int(flags, 8) & os.O_NONBLOCK
    assert jobd.sh("stat -c '%U %G %a' /run/jobd/fastcgi.sock /run/jobd/jobd.sock /run/jobd/websocket.sock").split("\n")[:3] == [
        "root www-data 660", "root jobd 660", "jobd www-data 660"]
    assert jobd.sh("stat -c '%U %a' /run/jobd") == "root 755\n"
    jobd.run("systemctl", "stop", "jobd-fastcgi@3.service")


def test_nobody_else_may_use_the_sockets(jobd):
    for user in ("nobody", "www-data"):
        answer = jobd.try_run("setpriv", f"--reuid={user}", f"--regid={'nogroup' if user == 'nobody' else user}",
                              "--clear-groups", "jobctl", "status")
        assert answer.returncode == 77, answer
    assert jobd.try_run("setpriv", "--reuid=nobody", "--regid=nogroup", "--groups=jobd", "jobctl", "status").returncode == 0


def test_the_files_are_the_daemons_alone(jobd):
    """Also for operators, who have a socket and nothing else."""
    jobd.wait(jobd.process())
    assert jobd.sh("id -gn jobd") == "jobd-data\n"
    assert jobd.sh("stat -c '%U %G %a' /var/lib/jobd /var/lib/jobd/jobd.sqlite").split("\n")[:2] == [
        "jobd jobd-data 700", "jobd jobd-data 600"]
    assert jobd.sh("find /var/lib/jobd -perm /077 -o ! -user jobd -o ! -group jobd-data") == ""
    member = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--groups=jobd"]
    for command in (["ls", "/var/lib/jobd"], ["cat", "/var/lib/jobd/jobd.sqlite"], ["ls", "/var/lib/jobd/files"]):
        assert jobd.try_run(*member, *command).returncode != 0, command


# Readiness and configuration


def test_started_means_that_it_answers(jobd):
    for _ in range(5):
        jobd.sh("systemctl restart jobd.service; jobctl status --json >/dev/null")
        assert jobd.show("jobd", "StatusText").startswith("Serving")


def test_a_wrong_configuration_is_named_and_tried_no_more_than_now_and_then(jobd):
    jobd.sh("cp /etc/jobd/jobd.toml /root/; echo 'nonsense = 1' >/etc/jobd/jobd.toml")
    assert jobd.try_run("systemctl", "reload", "jobd").returncode != 0
    assert is_ready(jobd), "what runs goes on with what it had"
    began = time.monotonic()
    assert jobd.try_run("systemctl", "restart", "jobd").returncode != 0

    def complaints():
        return [entry for entry in jobd.journal("-u", "jobd", "_COMM=jobd") if "unknown key" in entry["MESSAGE"]]
    assert "nonsense" in wait_for(complaints, "the reason")[-1]["MESSAGE"]
    # The fronts, which wait in the socket, ask for the daemon again.
    wait_for(lambda: len(complaints()) >= 4, "further attempts")
    assert time.monotonic() - began > 10
    # No restart is needed when it is right again.
    jobd.sh("cp /root/jobd.toml /etc/jobd/")
    wait_for(lambda: is_ready(jobd), "the daemon")


# Watchdog


def test_a_loop_that_hangs_is_killed_and_comes_back(jobd):
    """Only the thread of the event loop is stopped, so that everything else still looks alive."""
    with jobd.drop_in("jobd.service", "[Service]\nWatchdogSec=4s\n"):
        jobd.run("systemctl", "restart", "jobd")
        pid = jobd.outside(jobd.main_pid("jobd"))
        before = int(jobd.show("jobd", "NRestarts"))
        hang = subprocess.Popen([sys.executable, ROOT / "Tests/Installed/hang.py", str(pid), "NIO"])
        wait_for(lambda: int(jobd.show("jobd", "NRestarts")) > before, "the watchdog")
        assert hang.wait(PATIENCE) == 0
        wait_for(lambda: is_ready(jobd), "the daemon")
        assert any("Watchdog timeout" in entry["MESSAGE"] for entry in jobd.journal("-u", "jobd"))
    jobd.run("systemctl", "restart", "jobd")


# Restarts and kills


@pytest.mark.parametrize("command", [
    "restart jobd.service", "restart jobd-fastcgi@1.service", "restart jobd-fastcgi.target", "reload jobd.service",
    "kill -s KILL jobd.service"])
def test_requests_do_not_notice(jobd, command):
    with load(jobd):
        for _ in range(10):
            jobd.run("systemctl", *command.split())
            wait_for(lambda: is_ready(jobd), command)


@pytest.mark.parametrize("unit", ["jobd.service", *FRONTS])
def test_what_is_killed_comes_back(jobd, unit):
    pid, before = jobd.main_pid(unit), int(jobd.show(unit, "NRestarts"))
    jobd.run("kill", "-9", str(pid))
    wait_for(lambda: jobd.main_pid(unit) not in (0, pid), unit)
    wait_for(lambda: jobd.show(unit, "ActiveState") == "active", unit)
    assert int(jobd.show(unit, "NRestarts")) == before + 1
    assert is_ready(jobd)


def test_what_a_killed_front_leaves_goes(jobd):
    """Its uploads may only be read, by the daemon, too, which is not root."""
    left = "/var/lib/jobd/files/arriving/file_left"
    jobd.sh(f"runuser -u jobd -- sh -c 'umask 337; : > {left}'")
    wait_for(lambda: jobd.try_run("test", "-e", left).returncode != 0, "the look at arrivals", 2 * PATIENCE)


@pytest.mark.parametrize("command", ["systemctl stop jobd.service", "kill -9 $(systemctl show --value -p MainPID jobd)"])
def test_steps_do_not_outlive_the_daemon(jobd, command):
    job_id = stay(jobd)
    left = sleeping(jobd)
    jobd.sh(command)
    wait_for(lambda: not any(jobd.try_run("kill", "-0", pid).returncode == 0 for pid in left), "the end of the step")
    wait_for(lambda: is_ready(jobd) and jobd.job(job_id)["attempt"] == 2, "the second attempt")
    assert not set(left) & set(sleeping(jobd))
    go(jobd)
    assert jobd.wait(job_id)["status"] == "completed"
    wait_for(lambda: not jobd.processes("sleep 12345"), "the end of what the step left behind")


def test_the_target_stands_for_everything(jobd):
    jobd.run("systemctl", "stop", "jobd.target")
    wait_for(lambda: jobd.processes("/usr/bin/jobd") == [], "the end of everything")
    jobd.run("systemctl", "start", "jobd.target", "jobd.socket")
    wait_for(lambda: is_ready(jobd), "the service")
    assert jobd.run("systemctl", "is-active", "jobd.service", *FRONTS).split() == ["active"] * 3


# The journal


def test_the_journal_has_priorities_and_no_noise(jobd):
    entries = [entry for unit in ("jobd", *FRONTS) for entry in jobd.journal("-u", unit, "_COMM=jobd")]
    assert entries and all(entry["SYSLOG_IDENTIFIER"] == "jobd" for entry in entries)
    ready = [entry for entry in entries if entry["MESSAGE"].startswith("the daemon is ready")]
    assert ready and all(entry["PRIORITY"] == "5" and entry["_SYSTEMD_UNIT"] == "jobd.service" for entry in ready)
    # What tests had it say: a configuration that is wrong, and a machine on which no room can be made.
    meant = [entry for entry in entries if "nonsense" in entry["MESSAGE"] or entry["MESSAGE"].startswith("no step runs")]
    assert {"4", "5", "6"} >= {entry["PRIORITY"] for entry in entries if entry not in meant}, entries
    assert not any("thread priority" in entry["MESSAGE"] for entry in entries)


# A reboot


def test_a_reboot_keeps_every_job(jobd):
    running = stay(jobd)
    jobd.run("jobctl", "pause", "default")
    waiting = [jobd.process(jobType="wait") for _ in range(20)]
    pending = jobd.post("/api/jobs", {"jobType": "import"})["jobId"]
    jobd.reboot()
    wait_for(lambda: is_ready(jobd), "the service")
    assert jobd.job(pending)["status"] == "pending"
    assert {jobd.job(job_id)["status"] for job_id in waiting} == {"queued"}
    go(jobd)
    jobd.run("jobctl", "resume", "default")
    for job_id in (running, *waiting):
        assert jobd.wait(job_id)["status"] == "completed"
    assert jobd.run("systemctl", "is-active", "jobd.target", "jobd.service", *FRONTS).split() == ["active"] * 4
