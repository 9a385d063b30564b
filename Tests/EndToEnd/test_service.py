"""How the service behaves as a service: starting twice, wrong configuration, parts that die, units."""

import os
import re
import select
import signal
import socket
import sqlite3
import subprocess

import pytest

from service import JOBD, PATIENCE, ROOT, command_line, is_alive, one_step, wait_for


def run(*arguments, **more):
    return subprocess.run([JOBD, *arguments], capture_output=True, text=True, timeout=PATIENCE, **more)


def configuration(directory, **more):
    file = directory / "jobd.toml"
    file.write_text(
        f'[storage]\ndirectory = "{directory}/data"\n[control]\nsocket = "{directory}/jobd.sock"\n' + more.get("text", ""))
    return file


# Configuration


@pytest.mark.parametrize("text, place, words", [
    ("[storage]\ndirektory = '/x'\n", ":2:storage.direktory", "unknown key"),
    ("[front]\n\nprocesses = 'four'\n", ":3:front.processes", "whole number"),
    ("[queues.default]\nwidth = 0\n", ":2:queues.default.width", "1 to 1024"),
    ("[front]\ndaemonWait = 10\n", ":2:front.daemonWait", "10s"),
    ("a = [\n", ":1:", "TOML"),
])
@pytest.mark.parametrize("command", ["serve", "fastcgi", "check-config", "dev"])
def test_a_mistake_in_the_configuration_is_named_with_its_line(tmp_path, command, text, place, words):
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    more = ["--directory", tmp_path / "dev", "--port", "0"] if command == "dev" else []
    answer = run(command, "--config", file, *more)
    assert answer.returncode == 78, answer
    assert answer.stdout == ""
    assert f"{file}{place}" in answer.stderr or (place == ":1:" and f"{file}:" in answer.stderr), answer
    assert words in answer.stderr, answer
    assert not (tmp_path / "dev/data/jobd.sqlite").exists()


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["dev", "--port", "x"], ["dev", "--fronts", "0"]])
def test_a_wrong_command_line_is_explained(arguments):
    answer = run(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "") and "jobd" in answer.stderr, answer


def test_check_config_knows_missing_programs(tmp_path):
    assert run("check-config", "--config", ROOT / "config/jobd.toml").returncode == 0
    file = tmp_path / "jobd.toml"
    file.write_text(one_step('run = ["no-such-program"]'))
    answer = run("check-config", "--config", file)
    assert answer.returncode == 78 and "no-such-program" in answer.stderr


# One daemon


def test_a_second_daemon_on_a_directory_is_refused(jobd, tmp_path):
    file = tmp_path / "jobd.toml"
    file.write_text(
        f'[storage]\ndirectory = "{jobd.directory}/data"\n[control]\nsocket = "{tmp_path}/second.sock"\n')
    answer = run("serve", "--config", file)
    assert answer.returncode == 1
    assert "Another daemon" in answer.stderr and str(jobd.directory) in answer.stderr, answer
    assert jobd.post("/api/jobs", {}).status == 201


def test_a_second_daemon_on_a_socket_is_refused(jobd, tmp_path):
    file = tmp_path / "jobd.toml"
    file.write_text(f'[storage]\ndirectory = "{tmp_path}/data"\n[control]\nsocket = "{jobd.directory}/run/jobd.sock"\n')
    answer = run("serve", "--config", file)
    assert answer.returncode == 1 and f"Another daemon listens on {jobd.directory}/run/" in answer.stderr, answer
    assert jobd.post("/api/jobs", {}).status == 201


def test_a_stale_socket_is_replaced_and_anything_else_is_left(tmp_path):
    file = configuration(tmp_path)
    path = tmp_path / "jobd.sock"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    daemon = subprocess.Popen([JOBD, "serve", "--config", file], stderr=subprocess.PIPE, text=True)
    try:
        for line in daemon.stderr:
            if "ready" in line:
                break
        assert path.stat().st_mode & 0o777 == 0o660
    finally:
        daemon.terminate()
        assert daemon.wait(PATIENCE) == 0
        daemon.stderr.close()

    path.unlink(missing_ok=True)
    path.write_text("precious")
    answer = run("serve", "--config", file)
    assert answer.returncode == 1 and str(path) in answer.stderr, answer
    assert path.read_text() == "precious"


def test_a_newer_store_is_refused(tmp_path):

    file = configuration(tmp_path)
    daemon = subprocess.Popen([JOBD, "serve", "--config", file], stderr=subprocess.PIPE, text=True)
    for line in daemon.stderr:
        if "ready" in line:
            break
    daemon.terminate()
    daemon.wait(PATIENCE)
    daemon.stderr.close()
    [store] = (tmp_path / "data").glob("*.sqlite")
    database = sqlite3.connect(store)
    database.execute("INSERT INTO grdb_migrations VALUES ('from the future')")
    database.commit()
    database.close()
    answer = run("serve", "--config", file)
    assert answer.returncode == 78 and "later version" in answer.stderr, answer


# Parts


@pytest.mark.parametrize("part", ["serve", "fastcgi", "nginx: master"])
def test_a_part_that_dies_comes_back_every_time(start, part):
    jobd = start()
    job_id = jobd.post("/api/jobs", {}).json["jobId"]
    before = len(jobd.part(part))
    for _ in range(3):
        jobd.kill(part)
        wait_for(lambda: len(jobd.part(part)) == before, f"the return of {part}")
        assert jobd.job(job_id)["jobId"] == job_id


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_dev_is_the_end_of_everything(start, tmp_path, number):
    os.mkfifo(tmp_path / "go")
    jobd = start(one_step(f'run = ["sh", "-c", "setsid sleep 1000 & cat {tmp_path}/go"]'))
    job_id = jobd.process()["jobId"]
    wait_for(lambda: any("sleep 1000" in command_line(pid) for pid in jobd.descendants()), "the step")
    assert jobd.stop(number) == []
    # And nothing is lost by it.
    jobd.start()
    job = jobd.job(job_id)
    assert job["crashes"] + job["releases"] == 1
    assert number == signal.SIGKILL or job["releases"] == 1
    jobd.jobctl("cancel", job_id)


def test_a_clean_stop_gives_running_jobs_back(start, tmp_path):
    """The step is told to stop, and the next daemon runs its job again."""
    os.mkfifo(tmp_path / "go")
    jobd = start(one_step(f'run = ["cat", "{tmp_path}/go"]'))
    job_id = jobd.process()["jobId"]
    step = wait_for(lambda: [pid for pid in jobd.descendants() if command_line(pid).startswith("cat ")], "the step")
    [serve] = jobd.part("serve")
    os.kill(serve, signal.SIGTERM)
    wait_for(lambda: not any(map(is_alive, [serve, *step])), "the end of the daemon and its step")
    wait_for(lambda: jobd.job(job_id)["attempt"] == 2, "the second attempt")
    with open(tmp_path / "go", "w"):
        pass
    assert jobd.wait(job_id)["status"] == "completed"


def test_a_reload_takes_what_can_change(start):
    jobd = start(one_step('run = ["true"]'))
    file = jobd.directory / "jobd.toml"
    file.write_text(one_step('run = ["false"]') + "[front]\nprocesses = 3\n")
    answer = jobd.jobctl("reload", check=0)
    assert jobd.wait(jobd.process()["jobId"])["status"] == "failed"
    file.write_text("nonsense = 1\n")
    refused = jobd.jobctl("reload")
    assert refused.returncode == 78 and "nonsense" in refused.stderr, (answer, refused)
    assert jobd.wait(jobd.process()["jobId"])["status"] == "failed"


# Under systemd


def test_the_units_are_right(tmp_path):
    """systemd-analyze looks for the programs, so that they are named where they are."""
    units = sorted((ROOT / "systemd").iterdir())
    for unit in units:
        text = re.sub(r"/usr/bin/job(d|ctl)", str(JOBD), unit.read_text())
        (tmp_path / unit.name).write_text(text)
        if "@" in unit.name:
            (tmp_path / unit.name.replace("@", "@1")).write_text(text)
    names = [tmp_path / name for name in sorted(os.listdir(tmp_path))]
    answer = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    for unit in ("jobd.service", "jobd-fastcgi@1.service", "jobd-deliver.service"):
        answer = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--threshold=15", tmp_path / unit],
            capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout


def test_a_daemon_takes_a_socket_and_tells_that_it_is_ready(tmp_path):
    """What systemd does for a service, done by hand: a listening socket as descriptor 3, and an address to notify."""
    file = configuration(tmp_path)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "jobd.sock"))
    listening.listen()
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(str(tmp_path / "notify"))
    notified.settimeout(PATIENCE)

    # A caller before the daemon is there waits in the socket.
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(tmp_path / "jobd.sock"))
    client.settimeout(PATIENCE)
    client.sendall(b'{"jsonrpc":"2.0","id":1,"method":"server.status"}\n')

    script = 'exec 3<&"$0"; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
    daemon = subprocess.Popen(
        ["bash", "-c", script, str(listening.fileno()), JOBD, "serve", "--config", file],
        pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL,
        env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"})
    try:
        while b"READY=1" not in (told := notified.recv(4096).split(b"\n")):
            assert told[0].startswith(b"EXTEND_TIMEOUT_USEC="), told
        assert b'"result"' in client.recv(65_536)
        assert notified.recv(4096) == b"WATCHDOG=1"
        assert notified.recv(4096) == b"WATCHDOG=1"
    finally:
        daemon.terminate()
    while (fact := notified.recv(4096)) == b"WATCHDOG=1":
        pass
    assert fact == b"STOPPING=1"
    assert daemon.wait(PATIENCE) == 0
    assert (tmp_path / "jobd.sock").exists()


def test_dev_says_where_everything_is(start):
    jobd = start()
    address = f"http://127.0.0.1:{jobd.port}"
    told = wait_for(lambda: "Ctrl-C ends it." in (text := jobd.messages()) and text, "the welcome")
    assert f"demo       {address}/\n" in told and f"dashboard  {address}/jobs/\n" in told
    [socket_path] = re.findall(r"export JOBD_SOCKET=(\S+)\n", told)
    assert socket_path == str(jobd.directory / "run/jobd.sock")
    for path in ("/", "/jobs/", "/api/openapi.json"):
        assert address + path + "\n" in told and jobd.get(path).status == 200
    # Standard output has its one line, for programs.
    assert select.select([jobd.dev.stdout], [], [], 0)[0] == []


def test_a_start_that_takes_long_asks_for_time(tmp_path):
    """Another program holds the store for as long as it takes."""
    file = configuration(tmp_path)
    (tmp_path / "data").mkdir()
    holder = sqlite3.connect(tmp_path / "data/jobd.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(str(tmp_path / "notify"))
    notified.settimeout(PATIENCE)
    daemon = subprocess.Popen(
        [JOBD, "serve", "--config", file], stderr=subprocess.DEVNULL, env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")})
    try:
        assert notified.recv(4096).startswith(b"EXTEND_TIMEOUT_USEC=")
        holder.execute("ROLLBACK")
        while (fact := notified.recv(4096)).startswith(b"EXTEND_TIMEOUT_USEC="):
            pass
        assert fact.startswith(b"READY=1")
    finally:
        daemon.terminate()
    assert daemon.wait(PATIENCE) == 0


def test_the_journal_is_given_priorities(tmp_path):
    """A line on standard error begins with its priority when it goes to the journal."""
    file = configuration(tmp_path, text="[queues.default]\nwidth = 2\n")
    with open(tmp_path / "err", "wb") as errors:
        status = os.fstat(errors.fileno())
        stream = f"{status.st_dev}:{status.st_ino}"
        daemon = subprocess.Popen(
            [JOBD, "serve", "--config", file], stderr=errors, env={**os.environ, "JOURNAL_STREAM": stream})
        wait_for(lambda: "ready" in (tmp_path / "err").read_text(), "the daemon")
        daemon.terminate()
        daemon.wait(PATIENCE)
    lines = (tmp_path / "err").read_text().splitlines()
    assert lines and all(re.match(r"<[0-7]>", line) for line in lines), lines
    assert any(line.startswith("<5>") and "ready" in line for line in lines), lines


def test_a_single_request_without_any_web_server(jobd):
    """cgi-fcgi, from libfcgi, asks a front as a web server would."""
    def ask(method, path, body=b"", **more):
        answer = subprocess.run(
            ["cgi-fcgi", "-bind", "-connect", jobd.directory / "run/fastcgi.sock"], input=body, capture_output=True,
            env={"REQUEST_METHOD": method, "REQUEST_URI": path, "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "localhost", **more}, check=True)
        head, _, content = answer.stdout.partition(b"\r\n\r\n")
        return head.split(b"\r\n"), content

    head, content = ask("POST", "/api/jobs", b'{"jobId":"alone"}', CONTENT_TYPE="application/json")
    # The other order is a redirection to some web servers.
    assert head[:2] == [b"Location: /api/jobs/alone", b"Status: 201 Created"]
    head, again = ask("GET", "/api/jobs/alone")
    assert head[0] == b"Status: 200 OK" and again == content
    assert {b"Content-Type: application/json", b'ETag: "1"', b"Cache-Control: private, no-cache",
            b"Content-Length: %d" % len(content)} <= set(head)
    # CGI itself knows no REQUEST_URI.
    head, again = ask("GET", "", SCRIPT_NAME="/api", PATH_INFO="/jobs/alone", QUERY_STRING="wait=0")
    assert head[0] == b"Status: 200 OK" and again == content


@pytest.mark.parametrize("servers", [
    "", "include jobd_site;", "server { listen 80; location / { return 204; } include jobd_locations; }",
    "server { listen 80; location ~ \\.js$ { return 204; } include jobd_operator_locations; include jobd_locations; }"])
def test_the_files_for_nginx_are_right_as_they_are_installed(tmp_path, servers):
    for file in (ROOT / "config/nginx").iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ include jobd.conf; {servers} }}\n")
    answer = subprocess.run(
        ["nginx", "-t", "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    assert answer.returncode == 0 and "warn" not in answer.stderr, answer.stderr
