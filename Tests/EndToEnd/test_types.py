"""The media type of a file is found in a process of its own, from which no file gets further."""

import errno
import os
import pathlib
import select
import socket
import subprocess

import pytest

import service
from service import CONTRACT

CALLS = ["open", "stat", "socket", "fork", "execve", "kill", "trace", "write", "truncate", "map", "code", "other"]


class Types:
    """`jobd type-exec`, with instead_of_magic.c in the place of libmagic."""

    def __init__(self, directory):
        self.directory = directory
        library = directory / "magic.so"
        source = pathlib.Path(__file__).with_name("instead_of_magic.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source], check=True)
        self.socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self.process = subprocess.Popen([service.JOBD, "type-exec"], stdin=other, env={"LD_PRELOAD": str(library)})

    def ask(self, content, seconds=120):
        """What is answered of a file that may be written, too; None for a process that ends without an answer."""
        path = self.directory / "file"
        path.write_bytes(content)
        file, (answer, other) = os.open(path, os.O_RDWR), os.pipe()
        socket.send_fds(self.socket, [b"\0"], [file, other])
        os.close(file)
        os.close(other)
        try:
            assert select.select([answer], [], [], seconds)[0], "no answer"
            return os.read(answer, 1000).decode() or None
        finally:
            os.close(answer)


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    types = Types(tmp_path_factory.mktemp("types"))
    yield types
    types.socket.close()
    assert types.process.wait(service.PATIENCE) == 0


def test_what_a_file_has_taken_over_can_do_nothing(types):
    answer = types.ask(b"attack")
    expected = {call: errno.EPERM for call in CALLS} | {"memory": errno.ENOMEM}
    found = dict(part.split(".") for part in answer.removeprefix("attack/").split("_") if part)
    assert {call: int(number) for call, number in found.items()} == expected, answer
    assert (types.directory / "file").read_bytes() == b"attack"


@pytest.mark.parametrize("content", [b"abort", b"loop"])
def test_a_file_that_breaks_it_has_no_answer_and_the_next_one_has(types, content):
    assert types.ask(content) is None
    assert types.ask(b"words") == "text/plain"


def test_it_is_not_a_command_for_people():
    answer = subprocess.run([service.JOBD, "type-exec"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert answer.returncode == 2 and "not a command for people" in answer.stderr


# In the service.

PIPELINE = """
[[pipelines.all.steps]]
name = "look"
use = "inspect"

[[pipelines.all.steps]]
name = "copy"
run = ["cp", "{input}", "{output:copy.pdf}"]
perFile = true
nextInput = "copy.pdf"
"""


def with_magic(jobd):
    """The processes that have libmagic's tables in their memory, by their command line."""
    found = set()
    for pid in jobd.descendants():
        try:
            maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if "magic.mgc" in maps:
            found.add(words[1].decode())
    return found


def test_nobody_else_looks_at_files(start):
    if os.getuid() != 0:
        pytest.skip("looks into other processes: needs root")
    jobd = start(PIPELINE)
    file = jobd.upload(CONTRACT.read_bytes(), "a.pdf")
    assert file["mediaType"] == "application/pdf"
    job = jobd.wait(jobd.post("/api/jobs", {"jobType": "all", "fileIds": [file["fileId"]]}).json["jobId"])
    assert job["status"] == "completed" and job["artifacts"][0]["mediaType"] == "application/pdf", job
    path = jobd.directory / "b.pdf"
    path.write_bytes(CONTRACT.read_bytes())
    assert jobd.jobctl("submit", "--type", "all", "--wait", path).returncode == 0
    assert with_magic(jobd) == {"type-exec"}


def test_a_process_that_is_killed_is_replaced(start):
    jobd = start(PIPELINE)
    jobd.upload(b"words", "a.txt")
    for pid in jobd.part("type-exec"):
        os.kill(pid, 9)
    assert jobd.upload(CONTRACT.read_bytes(), "a.pdf")["mediaType"] == "application/pdf"
    assert jobd.stop() == []
