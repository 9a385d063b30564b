"""The first page as a reader walks it: its requests get the answers that it says, its configuration is right."""

import os
import re
import shutil
import signal
import subprocess

from service import CONTRACT, JOBD, PATIENCE, ROOT

CURL = """#!/bin/sh
# Keeps the status of each answer; one that is an error ends the walk.
exec /usr/bin/curl -sS --fail-with-body -w '%{stderr}%{http_code}\\n' "$@"
"""


def blocks(section):
    """The indented blocks of a section."""
    text = (ROOT / "README.md").read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [re.sub("(?m)^    ", "", block).strip("\n") + "\n" for block in re.findall(r"(?:(?:    .*)?\n)+", text) if block.strip()]


def commands(block):
    """Each command with the comment behind it."""
    for command, comment in re.findall(r"((?:^(?!#).+\n)+)\n?((?:^#.*\n|^\n)*)", block, re.M):
        # A command ends where its line does, if no backslash says otherwise.
        parts = re.split(r"(?<!\\)\n", command.strip("\n"))
        yield from ((part, "") for part in parts[:-1])
        yield parts[-1], comment


def test_the_api_by_example(start, tmp_path):
    jobd = start()
    shutil.copy(CONTRACT, tmp_path / "contract.pdf")
    (tmp_path / "curl").write_text(CURL)
    (tmp_path / "jobctl").write_text(f'#!/bin/sh\nexec "{jobd.directory}/jobctl" --socket "{jobd.directory}/run/jobd.sock" "$@"\n')
    for program in ("curl", "jobctl"):
        (tmp_path / program).chmod(0o755)
    jobd.jobctl("status", check=0)
    run, file = [], "file_…"
    for block in blocks("The API by example"):
        for command, comment in commands(block):
            text = command.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{jobd.port}").replace("file_…", file)
            answer = subprocess.run(
                ["sh", "-c", text], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True,
                timeout=PATIENCE)
            assert answer.returncode == 0, (command, answer)
            if status := re.match(r"# (\d{3})\b", comment):
                assert answer.stderr.split()[-1] == status[1], (command, answer)
            if found := re.search(r'"fileId":"(file_\w+)"', answer.stdout):
                file = found[1]
            run.append(command)
    assert len(run) == 13, run
    assert jobd.job("contract-7")["status"] == "completed" and jobd.job("import-1")["result"] == {"rows": 41}


def test_its_configuration_is_right(tmp_path):
    [block] = [block for block in blocks("Configuration") if "[[" in block]
    (tmp_path / "jobd.toml").write_text(block)
    answer = subprocess.run([JOBD, "check-config", "--config", tmp_path / "jobd.toml"], capture_output=True, text=True)
    assert answer.returncode == 0, answer


def test_one_command_tries_it():
    """On any free port; Ctrl-C ends all of it."""
    assert "sh config/try.sh\n" in blocks("Try it")
    tried = subprocess.Popen(
        ["sh", ROOT / "config/try.sh", "0"], stdout=subprocess.PIPE, text=True, start_new_session=True)
    told = ""
    for line in tried.stdout:
        told += line
        if "Ctrl-C ends it" in line:
            break
    os.killpg(tried.pid, signal.SIGINT)
    assert tried.wait(PATIENCE) == 130, told
    tried.stdout.close()
    assert "Contract, page 1 of 10" in told
    address = re.search(r"jobd is at (\S+);", told)[1]
    assert subprocess.run(["curl", "-s", f"{address}/api/health/live"]).returncode == 7
