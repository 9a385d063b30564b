"""jobctl as a person and as a script use it."""

import json
import os
import socket
import subprocess

import pytest

from service import CONTRACT, JOBD, PATIENCE, one_step

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
    assert json.loads(described) == {key: value for key, value in job["artifacts"][0].items() if key != "href"}
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
    assert str(status["pid"]) in jobd.jobctl("status", check=0).stdout


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
    assert answer.returncode == 69 and str(tmp_path / "none.sock") in answer.stderr, answer
