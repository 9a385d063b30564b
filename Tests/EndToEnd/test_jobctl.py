"""jobctl as a person and as a script use it."""

import codecs
import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import termios

import pytest

from service import CONTRACT, JOBD, PATIENCE, one_step, wait_for

VERBS = [
    "submit", "create", "process", "list", "show", "follow", "wait", "cancel", "retry", "delete", "logs", "artifacts",
    "queues", "pause", "resume", "status", "reload",
]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(jobd, verb):
    everything = jobd.jobctl("--help", check=0).stdout
    assert verb in everything
    own = jobd.jobctl(verb, "--help", check=0).stdout
    assert f"jobctl {verb}" in own and "OVERVIEW" in own


def test_a_file_is_submitted_and_followed_to_its_text(jobd, tmp_path):
    answer = jobd.jobctl("submit", CONTRACT, "--follow", "--json", check=0)
    states = [json.loads(line) for line in answer.stdout.splitlines()]
    job = states[-1]
    assert job["status"] == "completed" and job["files"][0]["name"] == "contract.pdf"
    listed = jobd.jobctl("artifacts", "ls", job["jobId"], "--json", check=0)
    assert json.loads(listed.stdout.splitlines()[0])["name"] == "text.txt"
    target = tmp_path / "text.txt"
    get = ["artifacts", "get", job["jobId"], "text.txt"]
    described = jobd.jobctl(*get, "--output", target, "--json", check=0).stdout
    artifact = {key: value for key, value in job["artifacts"][0].items() if key != "href"}
    assert json.loads(described) == {**artifact, "run": job["run"]}
    assert jobd.jobctl(*get, "--json", check=0).stdout == described
    expected = subprocess.run(["pdftotext", "-enc", "UTF-8", CONTRACT, "-"], capture_output=True, check=True).stdout
    assert target.read_bytes() == expected


def test_a_job_goes_through_its_life(jobd):
    created = jobd.jobctl("create", "--id", "life", "--message", "Über alles", "--json", check=0)
    assert json.loads(created.stdout)["status"] == "pending"
    assert jobd.jobctl("create", "--id", "life", "-q", check=0).stdout == "life\n"
    assert json.loads(jobd.jobctl("show", "life", "--json", check=0).stdout)["message"] == "Über alles"
    assert "life" in jobd.jobctl("list", "-q", check=0).stdout.splitlines()
    assert jobd.jobctl("wait", "life", "--timeout", "0.1").returncode == 124
    jobd.jobctl("cancel", "life", check=0)
    assert jobd.jobctl("wait", "life").returncode == 5
    jobd.jobctl("retry", "life", check=0)
    assert jobd.jobctl("delete", "life").returncode == 3
    jobd.jobctl("cancel", "life", check=0)
    jobd.jobctl("delete", "life", check=0)
    gone = jobd.jobctl("show", "life")
    assert (gone.returncode, gone.stdout) == (4, "") and "life" in gone.stderr


def test_a_failed_job_and_its_lines(start):
    jobd = start(one_step("run = ['sh', '-c', 'echo out; echo wrong >&2; exit 3']"))
    answer = jobd.jobctl("submit", CONTRACT, "--wait", "--json")
    assert answer.returncode == 1, answer
    job = json.loads(answer.stdout.splitlines()[-1])
    assert (job["error"]["code"], job["error"]["exitCode"]) == ("exit", 3)
    lines = jobd.jobctl("logs", job["jobId"], check=0).stdout
    assert "out" in lines and "wrong" in lines
    numbered = [json.loads(line) for line in jobd.jobctl("logs", job["jobId"], "--json", check=0).stdout.splitlines()]
    assert [line["n"] for line in numbered] == [1, 2]
    assert jobd.jobctl("wait", job["jobId"]).returncode == 1


def test_what_users_gave_cannot_write_to_the_terminal(jobd):
    message = "\u001b[2J\u001b]0;title\u0007 \u009b31m \u202e\U000e0001"
    jobd.post("/api/jobs", {"jobId": "evil", "message": message})
    for command in (["show", "evil"], ["list"], ["show", "evil", "--json"], ["list", "--json"]):
        shown = jobd.jobctl(*command, check=0).stdout
        assert not set(message) - set("[2J]0;title 31m") & set(shown), repr(shown)
    assert json.loads(jobd.jobctl("show", "evil", "--json", check=0).stdout)["message"] == message
    for command in (["--socket", "/\u001b[2J", "list"], ["submit", "/\u001b[2J"], ["show", "\u001b[2J"], ["\u001b[2J"]):
        assert "\u001b" not in jobd.jobctl(*command).stderr


def test_options_may_stand_before_or_after_the_verb(jobd):
    jobd.post("/api/jobs", {"jobId": "order"})
    before = jobd.jobctl("--json", "show", "order", check=0)
    after = jobd.jobctl("show", "--json", "order", check=0)
    assert before.stdout == after.stdout
    for words in (["--json", "artifacts", "ls"], ["artifacts", "--json", "ls"], ["artifacts", "ls", "--json"]):
        jobd.jobctl(*words, "order", check=0)
    by_variable = subprocess.run(
        [jobd.directory / "jobctl", "show", "order", "--json"], capture_output=True, text=True,
        env={**os.environ, "JOBD_SOCKET": str(jobd.directory / "run/jobd.sock")})
    assert by_variable.stdout == after.stdout


def test_lists_are_a_json_object_a_line(jobd):
    jobd.post("/api/jobs", {"jobId": "line"})
    for command, key in (["list"], "jobId"), (["queues"], "name"), (["wait", "line", "line"], "jobId"):
        jobd.jobctl("cancel", "line", check=0)
        lines = jobd.jobctl(*command, "--json").stdout.splitlines()
        assert lines and all(json.loads(line)[key] for line in lines)


def test_a_job_is_given_its_files_and_metadata(jobd):
    answer = jobd.jobctl("process", "given", CONTRACT, "--metadata", '{"total": 10.50}', "--json", check=0)
    assert '"total":10.50' in answer.stdout
    assert jobd.jobctl("process", "given", CONTRACT, "--metadata", "{").returncode == 2


def test_the_status_is_told(jobd):
    status = json.loads(jobd.jobctl("status", "--json", check=0).stdout)
    assert status["pid"] == jobd.part("serve")[0] and status["draining"] is False
    told = jobd.jobctl("status", check=0).stdout
    assert f"pid: {status['pid']}\n" in told and "draining: no\n" in told and "queue default: " in told and "{" not in told
    assert "{" not in jobd.jobctl("stats", check=0).stdout


@pytest.mark.parametrize("arguments, code", [
    (["show"], 2),
    (["nonsense"], 2),
    (["show", "not/an/id"], 2),
    (["create", "--priority", "many"], 2),
    (["create", "--priority", "101"], 2),
    (["show", "unknown"], 4),
    (["cancel", "unknown"], 4),
    (["submit", "/nonexistent/file"], 1),
    (["artifacts", "get", "unknown", "text.txt"], 4),
])
def test_the_exit_code_says_what_was_wrong(jobd, arguments, code):
    answer = jobd.jobctl(*arguments)
    assert (answer.returncode, answer.stdout) == (code, ""), answer
    assert answer.stderr.strip() and "--socket" not in answer.stderr.splitlines()[0], answer


def test_a_daemon_that_goes_away_in_the_middle(tmp_path):
    """Whether it did what it was asked nobody knows; that it cannot be reached is what a script is told."""
    jobctl = tmp_path / "jobctl"
    jobctl.symlink_to(JOBD)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        client = subprocess.Popen([jobctl, "--socket", tmp_path / "s", "create", "--id", "a"], stderr=subprocess.PIPE, text=True)
        connection, _ = listener.accept()
        assert b"jobs.create" in connection.recv(10_000)
        connection.close()
        message = client.communicate(timeout=PATIENCE)[1]
    assert client.returncode == 69 and "before it answered" in message, message


def test_a_daemon_that_is_not_there(tmp_path):
    jobctl = tmp_path / "jobctl"
    jobctl.symlink_to(JOBD)
    answer = subprocess.run(
        [jobctl, "--socket", tmp_path / "none.sock", "status"], capture_output=True, text=True)
    assert answer.returncode == 69 and answer.stderr == (
        f"jobctl: no daemon listens on {tmp_path}/none.sock: No such file or directory. "
        "Start jobd, or name its socket with --socket or JOBD_SOCKET.\n"), answer


# What the shell sees


def test_every_exit_code_has_its_case(start, tmp_path):
    jobd = start()
    assert jobd.jobctl("create", "--id", "a").returncode == 0
    assert jobd.jobctl("create", "--id", "a", "--reject").returncode == 3
    (jobd.directory / "jobd.toml").write_text("nonsense = 1\n")
    assert jobd.jobctl("reload").returncode == 78
    for command in ("follow", "wait"):
        assert jobd.jobctl(command, "a", "--timeout", "0.1").returncode == 124
    jobd.jobctl("cancel", "a", check=0)
    for command in ("follow", "wait"):
        assert jobd.jobctl(command, "a").returncode == 5
    jobd.jobctl("delete", "a", check=0)
    assert jobd.jobctl("show", "a").returncode == 4
    if os.getuid() == 0:
        # A socket that others may see and not use.
        for path in (jobd.directory, jobd.directory / "run"):
            path.chmod(0o755)
        answer = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", jobd.directory / "jobctl", "--socket",
             jobd.directory / "run/jobd.sock", "status"], capture_output=True, text=True)
        assert answer.returncode == 77 and "its group may" in answer.stderr, answer


@pytest.mark.parametrize("code, exit_code", [
    ("storage-full", 75), ("too-many-requests", 75), ("unavailable", 75), ("forbidden", 77), ("internal", 1), ("job-gone", 4),
])
def test_a_refusal_has_its_exit_code(tmp_path, code, exit_code):
    jobctl = tmp_path / "jobctl"
    jobctl.symlink_to(JOBD)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        client = subprocess.Popen([jobctl, "--socket", tmp_path / "s", "show", "a"], stderr=subprocess.PIPE, text=True)
        connection, _ = listener.accept()
        with connection, connection.makefile("rw") as lines:
            request = json.loads(lines.readline())
            error = {"code": -32000, "message": "It is refused.", "data": {"code": code, "retry": False}}
            lines.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}) + "\n")
            lines.flush()
            assert client.communicate(timeout=PATIENCE)[1] == "jobctl: It is refused.\n"
    assert client.returncode == exit_code


def test_what_follows_two_dashes_is_no_option(jobd, tmp_path):
    (tmp_path / "--json").write_bytes(CONTRACT.read_bytes())
    (tmp_path / "-q").write_text("text")
    answer = jobd.jobctl("submit", "--json", "--", "--json", "-q", check=0, cwd=tmp_path)
    assert [file["name"] for file in json.loads(answer.stdout)["files"]] == ["--json", "-q"]
    jobd.jobctl("create", "--id", "dashes", check=0)
    assert jobd.jobctl("show", "-q", "--", "dashes", check=0).stdout == "dashes\n"
    assert jobd.jobctl("show", "--", "--json").returncode == 2


def test_it_ends_with_its_reader(start, tmp_path):
    os.mkfifo(tmp_path / "go")
    jobd = start(one_step(f"run = ['sh', '-c', 'echo first; cat {tmp_path}/go']"))
    job = jobd.process()["jobId"]
    wait_for(lambda: jobd.jobctl("logs", job, check=0).stdout, "its line")
    for command in ("logs -f", "follow", "logs -f --json"):
        run = subprocess.run(
            ["bash", "-c", f'"{jobd.directory}/jobctl" --socket "{jobd.directory}/run/jobd.sock" {command} {job} | head -n 1'],
            capture_output=True, text=True, timeout=PATIENCE)
        assert run.stdout.count("\n") == 1 and run.stderr == "", run
    assert jobd.job(job)["status"] == "processing"
    jobd.jobctl("cancel", job)


def test_what_cannot_be_written_is_an_error(jobd, tmp_path):
    jobd.jobctl("create", "--id", "written", check=0)
    job = jobd.jobctl("submit", CONTRACT, "--wait", "-q", check=0).stdout.strip()
    for arguments in (["list"], ["show", "written"], ["list", "--json"], ["metrics"], ["artifacts", "get", job, "text.txt"]):
        with open("/dev/full", "wb") as full:
            run = subprocess.run(
                [jobd.directory / "jobctl", "--socket", jobd.directory / "run/jobd.sock", *arguments], stdout=full,
                stderr=subprocess.PIPE, text=True)
        assert run.returncode == 1 and "No space left on device" in run.stderr, run
    run = jobd.jobctl("artifacts", "get", job, "text.txt", "-o", "/dev/full")
    assert run.returncode == 1 and "/dev/full cannot be written: No space left on device" in run.stderr, run


@pytest.mark.parametrize("arguments, said", [
    (["lsit"], "no verb lsit; did you mean list?"), (["ps"], "did you mean list?"), (["kill", "a"], "did you mean cancel?"),
    (["list", "--since", "yesterday"], "--since is how long ago, such as 30m, 2h or 7d, or a time such as 2026-11-23T12:00:00Z"),
    (["delete", "--ended-before", "7 days"], "--ended-before is how long ago"), (["update", "a"], "--priority, --run-at or --message"),
    (["cancle", "a"], "did you mean cancel?"), (["xyzzy"], "no verb xyzzy. See"),
    (["artifacts", "gte", "a", "b"], "did you mean get?"),
    (["list", "--status", "procesing"], "there is no state 'procesing'; did you mean processing? There are pending, "),
    (["list", "--limit", "1000"], "--limit must be"), (["create", "--priority", "101"], "--priority must be"),
    (["create", "--run-at", "tomorrow"], "--run-at "), (["create", "--queue", "none"], "--queue"),
    (["list", "--cursor", "x"], "--cursor is not"), (["show", "a b"], "the job's id"),
    (["create", "--delay", "-5"], "--delay"), (["create", "--max-attempts", "0"], "--max-attempts"),
])
def test_mistakes_are_named_as_they_were_typed(jobd, arguments, said):
    answer = jobd.jobctl(*arguments)
    assert answer.returncode == 2 and said in answer.stderr and answer.stdout == "", answer
    assert not re.search(r"(^| )/[a-z]", answer.stderr.splitlines()[0]), answer


def test_show_says_with_whom_a_job_goes_and_leaves_out_what_there_is_not(start):
    jobd = start("""
        [queues.video]
        [pipelines.encode]
        queue = "video"
        work = "workers"
    """)
    file = jobd.upload(b"text", "notes.pdf")["fileId"]
    jobs = [{"jobId": "first", "jobType": "encode", "fileIds": [file], "limitKey": "customer-7", "dedupeKey": "order-1"},
            {"jobId": "second", "jobType": "encode", "fileIds": []},
            {"jobId": "third", "jobType": "encode", "fileIds": [], "after": ["first", "second"]}]
    assert jobd.post("/api/batches", {"batchId": "b-1", "jobs": jobs}).status == 201
    claim = {"queues": ["video"], "count": 1, "worker": "w 1", "waitSeconds": 10}
    [claimed] = jobd.post("/api/jobd/work/claim", claim).json["jobs"]
    assert claimed["job"]["jobId"] == "first"
    first = jobd.jobctl("show", "first", check=0).stdout.splitlines()
    for line in ("runner: worker", "worker: w 1", "limitKey: customer-7", "dedupeKey: order-1", "batchId: b-1",
                 f"leaseExpiresAt: {jobd.job('first')['leaseExpiresAt']}"):
        assert line in first, first
    [shown] = [line for line in first if line.startswith("file: ")]
    assert shown.startswith("file: notes.pdf, 4 bytes, ") and shown.endswith(f", {file}")
    third = jobd.jobctl("show", "third", check=0).stdout.splitlines()
    assert "after: first second" in third and "status: blocked" in third
    known = {line.split(":")[0] for line in third}
    assert not known & {"files", "artifacts", "metadata", "worker", "limitKey", "error", "result", "earlierAttempts"}


def test_show_tells_how_earlier_attempts_ended(start):
    jobd = start(one_step("run = ['sh', '-c', 'exit 3']"))
    jobd.process(b"text", "failing")
    error = jobd.wait("failing")["error"]
    jobd.jobctl("retry", "failing", check=0)
    assert jobd.wait("failing")["status"] == "failed"
    [earlier] = [line for line in jobd.jobctl("show", "failing", check=0).stdout.splitlines() if line.startswith("attempt 1, until ")]
    assert earlier.endswith(f": {error['code']}: {error['message']}")


def test_standard_input_is_a_file(jobd):
    answer = jobd.jobctl("submit", "-", "--name", "notes.txt", "--wait", "--json", input="one two", check=0)
    [file] = json.loads(answer.stdout)["files"]
    assert (file["name"], file["size"]) == ("notes.txt", 7)
    answer = jobd.jobctl("process", "from-input", CONTRACT, "-", "--json", input="", check=0)
    assert [file["name"] for file in json.loads(answer.stdout)["files"]] == ["contract.pdf", "stdin"]
    answer = jobd.jobctl("submit", "-", "-", input="")
    assert answer.returncode == 2 and "Standard input (-)" in answer.stderr


def test_all_pages_of_a_list(jobd):
    names = {f"page-{number}" for number in range(5)}
    for name in names:
        jobd.jobctl("create", "--id", name, check=0)
    answer = jobd.jobctl("list", "-s", "page-", "--limit", "2", "--all", "-q", check=0)
    assert sorted(answer.stdout.split()) == sorted(names) and answer.stderr == ""
    assert jobd.jobctl("list", "-s", "page-", "--all", check=0).stdout.count("\n") == 6
    assert "--cursor" in jobd.jobctl("list", "-s", "page-", "--limit", "2", check=0).stderr


def test_a_list_is_of_a_time_and_begins_at_either_end(jobd):
    for number in range(3):
        jobd.jobctl("create", "--id", f"time-{number}", "--owner", "ann", check=0)
    middle = jobd.job("time-1")["createdAt"]

    def found(*arguments):
        return jobd.jobctl("list", "-q", "-s", "time-", *arguments, check=0).stdout.split()

    assert found("--since", "1h") == ["time-2", "time-1", "time-0"]
    assert found("--until", "1h") == [] and found("--since", "2100-01-01T00:00:00Z") == []
    assert found("--oldest", "--all", "--limit", "2") == ["time-0", "time-1", "time-2"]
    assert "time-2" not in found("--until", middle) and "time-1" not in found("--until", middle)
    assert found("--owner", "ann") == found() and found("--owner", "ben") == []
    cancelled = json.loads(jobd.jobctl("cancel", "-s", "time-", "--since", middle, "--json", check=0).stdout)
    assert cancelled["done"] >= 2 and jobd.job("time-2")["status"] == "cancelled"
    deleted = json.loads(jobd.jobctl("delete", "-s", "time-", "--ended-before", "7d", "--json", check=0).stdout)
    assert deleted["matched"] == 0


def test_a_job_that_waits_is_changed(jobd):
    jobd.jobctl("create", "--id", "waits", "--run-at", "2100-01-01T00:00:00Z", "--no-files", check=0)
    shown = jobd.jobctl("update", "waits", "--priority", "7", "--message", "Soon", check=0).stdout
    assert "priority: 7\n" in shown and "message: Soon\n" in shown
    jobd.jobctl("update", "waits", "--run-at", "2100-01-02T00:00:00Z", check=0)
    assert jobd.job("waits")["runAt"] == "2100-01-02T00:00:00.000Z"
    jobd.jobctl("cancel", "waits", check=0)


def test_the_shell_completes_what_only_the_daemon_knows(jobd):
    jobd.jobctl("create", "--id", "complete-1", check=0)
    jobd.jobctl("create", "--id", "complete-2", check=0)
    script = jobd.jobctl("--generate-completion-script", "bash", check=0).stdout
    (jobd.directory / "completion").write_text("#" + script if not script.startswith("#") else script)

    def completed(*words):
        line = " ".join(("jobctl", *words))
        run = subprocess.run(
            ["bash", "-c", f"""
                . "{jobd.directory}/completion"
                COMP_WORDS=(jobctl {' '.join(word or "''" for word in words)}) COMP_CWORD={len(words)} COMP_LINE="{line}" COMP_POINT={len(line)}
                _jobctl jobctl "{words[-1]}" "{words[-2]}"
                printf '%s\n' "${{COMPREPLY[@]}}"
            """], capture_output=True, text=True, timeout=PATIENCE,
            env={"PATH": f"{jobd.directory}:/usr/bin:/bin", "JOBD_SOCKET": str(jobd.directory / "run/jobd.sock")})
        return run.stdout.split()

    assert sorted(completed("cancel", "compl")) == ["complete-1", "complete-2"]
    assert completed("pause", "def") == ["default"]
    assert "failed" in completed("list", "--status", "fa")


# Several jobs


def test_several_jobs_at_once(jobd):
    names = ["one", "two", "three"]
    for name in names:
        jobd.jobctl("create", "--id", name, check=0)
    assert jobd.jobctl("show", "-q", *names, check=0).stdout.split() == names
    shown = jobd.jobctl("show", *names, check=0).stdout
    assert [block.splitlines()[0] for block in shown.split("\n\n")] == [f"jobId: {name}" for name in names]
    # The others are done though one cannot be, and it is told which.
    answer = jobd.jobctl("cancel", "-q", "one", "unknown", "two", "three", "--reason", "Enough")
    assert (answer.returncode, answer.stdout.split()) == (4, names) and "unknown" in answer.stderr
    assert {jobd.job(name)["status"] for name in names} == {"cancelled"}
    assert jobd.jobctl("retry", "-q", "one", "two", check=0).stdout.split() == ["one", "two"]
    answer = jobd.jobctl("delete", "-q", *names)
    assert answer.returncode == 3 and answer.stdout.split() == ["three"] and answer.stderr.count("jobctl: ") == 2


def test_lines_of_several_jobs(start):
    jobd = start(one_step("run = ['cat', '{input}']"))
    for name in ("a", "b"):
        jobd.wait(jobd.process(f"line of {name}".encode(), name)["jobId"])
    shown = re.sub(r"\S+Z step ", "", jobd.jobctl("logs", "a", "b", check=0).stdout)
    assert shown == "==> a <==\nline of a\n\n==> b <==\nline of b\n"
    assert jobd.jobctl("logs", "-f", "a", "b", check=0).stdout == jobd.jobctl("logs", "a", "b", check=0).stdout
    lines = [json.loads(line) for line in jobd.jobctl("logs", "a", "b", "--json", check=0).stdout.splitlines()]
    assert [(line["jobId"], line["text"]) for line in lines] == [("a", "line of a"), ("b", "line of b")]


def test_a_long_log_is_read_to_its_end_and_from_its_end(jobd):
    """A page of the log ends where it is full, also with few lines."""
    jobd.post("/api/jobs", {"jobId": "long-log", "jobType": "import"})
    for first in (1, 101, 201):
        lines = [{"stream": "stdout", "text": f"{number:08000}"} for number in range(first, first + 100)]
        assert jobd.request("PATCH", "/api/jobs/long-log", {"status": "processing", "lines": lines}).status == 200
    lines = [int(line[-5:]) for line in jobd.jobctl("logs", "-q", "long-log", check=0).stdout.split()]
    assert lines == list(range(1, 301))
    assert [int(line[-5:]) for line in jobd.jobctl("logs", "-q", "-n", "2", "long-log", check=0).stdout.split()] == [299, 300]
    assert jobd.jobctl("logs", "-q", "--run", "99", "long-log", check=0).stdout == ""


# On a terminal


class Screen:
    """jobctl on a terminal."""

    def __init__(self, jobd, *arguments, columns=80):
        jobd.jobctl("status", check=0)
        self.terminal, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.program = subprocess.Popen(
            [jobd.directory / "jobctl", "--socket", jobd.directory / "run/jobd.sock", *arguments],
            stdin=child, stdout=child, stderr=child, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(child)
        self.seen = ""
        # A character may come in two parts.
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def shows(self, text):
        if select.select([self.terminal], [], [], 0.01)[0]:
            try:
                self.seen += self.decoder.decode(os.read(self.terminal, 65_536))
            except OSError:
                pass
        return text in self.seen

    def end(self):
        while self.program.poll() is None or select.select([self.terminal], [], [], 0)[0]:
            before = self.seen
            self.shows("")
            if self.program.poll() is not None and self.seen == before:
                break
        os.close(self.terminal)
        return self.seen.replace("\r\n", "\n")


def test_a_list_fits_the_terminal(jobd):
    for number in range(3):
        jobd.wait(jobd.process(b"text " * number, message="m" * 300)["jobId"])
    jobd.jobctl("create", "--id", "with-a-message", "--message", "A sentence that is much too long for one line " * 5, check=0)
    for columns in (60, 80, 100, 160):
        # Colours take no room.
        lines = re.sub(r"\x1b\[\d+m", "", Screen(jobd, "list", columns=columns).end()).splitlines()
        assert len(lines) >= 5 and all(len(line) <= columns for line in lines), lines
        assert lines[0].startswith("ID ") and "STATUS" in lines[0]
        if columns >= 80:
            assert "FILE" in lines[0] and sum("contract.pdf" in line for line in lines) >= 3, lines
    # Elsewhere nothing is left out.
    whole = jobd.jobctl("list", check=0).stdout
    assert "A sentence that is much too long for one line A sentence" in whole and re.search(r" \d+ (s|min) ", whole)


def test_a_terminal_has_colours_unless_they_are_not_wanted(jobd, monkeypatch):
    jobd.jobctl("create", "--id", "colour", check=0)
    jobd.jobctl("cancel", "colour", check=0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for arguments in (["list", "-s", "colour"], ["show", "colour"], ["wait", "colour"]):
        assert "\x1b[33mcancelled\x1b[0m" in Screen(jobd, *arguments).end()
        assert "\x1b" not in jobd.jobctl(*arguments).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in Screen(jobd, "list", "-s", "colour").end()


def test_followed_on_a_terminal_it_can_be_taken_up_again(start, tmp_path):
    os.mkfifo(tmp_path / "go")
    jobd = start(one_step(f"run = ['sh', '-c', 'cat {tmp_path}/go']"))
    screen = Screen(jobd, "submit", "--follow", CONTRACT)
    wait_for(lambda: screen.shows("processing"), "the bar")
    [job] = [job["jobId"] for job in jobd.get("/api/jobs").json["jobs"]]
    assert f"job {job}" in screen.seen
    os.write(screen.terminal, b"\x03")
    shown = screen.end()
    assert screen.program.wait(PATIENCE) == 130
    assert "the job goes on" in shown and f"jobctl follow {job}" in shown and f"jobctl cancel {job}" in shown
    assert jobd.job(job)["status"] == "processing"
    jobd.jobctl("cancel", job)


def test_a_wait_on_a_terminal_says_once_why_the_job_does_not_run(start):
    jobd = start(one_step("run = ['true']"))
    jobd.jobctl("pause", "default", check=0)
    job = jobd.jobctl("submit", CONTRACT, "-q", check=0).stdout.strip()
    silent = [Screen(jobd, "wait", job, option) for option in ("-q", "--json")]
    program = [jobd.directory / "jobctl", "--socket", jobd.directory / "run/jobd.sock", "wait", job]
    elsewhere = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    screens = [Screen(jobd, "submit", "--wait", CONTRACT), Screen(jobd, "wait", job), Screen(jobd, "follow", job)]
    for screen in screens:
        wait_for(lambda: screen.shows("The queue default is paused."), "the reason")
    jobd.jobctl("resume", "default", check=0)
    assert [screen.end().count("is paused.") for screen in screens] == [1, 1, 1]
    assert not any("paused" in screen.end() for screen in silent)
    assert b"paused" not in b"".join(elsewhere.communicate(timeout=PATIENCE)) and elsewhere.returncode == 0


def test_a_failure_on_a_terminal_says_what_and_where_to_look(start):
    jobd = start(one_step("run = ['false']"))
    screen = Screen(jobd, "submit", "--follow", CONTRACT)
    shown = screen.end()
    [job] = [job["jobId"] for job in jobd.get("/api/jobs").json["jobs"]]
    assert "contract.pdf failed: " in shown and f"jobctl logs {job}" in shown and screen.program.returncode == 1


def test_a_terminal_gets_no_raw_bytes(start):
    jobd = start(one_step("run = ['cp', '{input}', '{output:copy}']"))
    pdf = jobd.wait(jobd.process()["jobId"])["jobId"]
    screen = Screen(jobd, "artifacts", "get", pdf, "copy")
    assert "application/pdf" in (shown := screen.end()) and "--output" in shown and "%PDF" not in shown
    assert screen.program.returncode == 2
    text = jobd.wait(jobd.process("zwei\tWörter\n\x1b[2Jdrei\r\nvier".encode())["jobId"])["jobId"]
    assert Screen(jobd, "artifacts", "get", text, "copy").end() == "zwei\tWörter\n\\u{1b}[2Jdrei\nvier\n"
    # Asked for, they come as they are.
    assert "%PDF" in jobd.jobctl("artifacts", "get", pdf, "copy", "-o", "-", check=0, errors="replace").stdout
    assert jobd.jobctl("artifacts", "list", text, "-q", check=0).stdout == "copy\n"
