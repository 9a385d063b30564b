"""A process without a free descriptor: what waits waits, nothing fails that would not fail a moment later, and nothing spins."""

import os
import pathlib
import resource
import socket

import pytest

from service import PATIENCE, Service, wait_for
from test_bad_input import problem


@pytest.fixture(scope="module")
def jobd():
    service = Service(fronts=1)
    yield service.start()
    service.discard()


def limit(pid, free):
    """Lets a process open so many descriptors more; gives what it might before."""
    taken = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    number = 0
    while free > 0 or number in taken:
        free -= number not in taken
        number += 1
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    return resource.prlimit(pid, resource.RLIMIT_NOFILE, (number, hard))


def ticks(pid):
    """Its processor time, in hundredths of a second."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    connection.connect(str(path))
    connection.sendall(b'{"jsonrpc":"2.0","id":1,"method":"server.status","params":{}}\n')
    return connection


def test_connections_wait_while_the_daemon_has_no_descriptor(jobd):
    [pid] = jobd.part("serve")
    # One that is open before goes on.
    open_before = connect(jobd.directory / "run/jobd.sock")
    assert open_before.recv(65_536)
    earlier = limit(pid, 0)
    try:
        waiting = [connect(jobd.directory / "run/jobd.sock") for _ in range(3)]
        began, times = ticks(pid), os.times().elapsed
        # What asks again and again would take a whole processor.
        wait_for(lambda: os.times().elapsed > times + 2, "two seconds")
        assert ticks(pid) - began < 100, "it asks again and again"
        assert jobd.post("/api/jobs", {"jobType": "import"}).status == 201
        open_before.sendall(b'{"jsonrpc":"2.0","id":2,"method":"server.status","params":{}}\n')
        assert open_before.recv(65_536)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, earlier)
    for connection in [*waiting, open_before]:
        assert connection is open_before or b'"result"' in connection.recv(65_536)
        connection.close()


def test_an_upload_that_finds_no_descriptor_may_come_again(jobd):
    [pid] = jobd.part("fastcgi")
    assert jobd.post("/api/files?name=a", b"x").status == 201
    # nginx keeps connections for a moment, which count.
    wait_for(lambda: settled(pid), "the end of kept connections")
    earlier = limit(pid, 1)
    try:
        answer = jobd.post("/api/files?name=a", b"x")
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"], answer
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, earlier)
    assert jobd.post("/api/files?name=a", b"x").status == 201
    wait_for(lambda: not list((jobd.directory / "data/files/arriving").iterdir()), "the removal of what had begun")


def settled(pid, known={}):
    """Whether its descriptors have been the same for a while."""
    names = sorted(os.listdir(f"/proc/{pid}/fd"))
    known["count"] = known.get("count", 0) + 1 if names == known.get("names") else 0
    known["names"] = names
    return known["count"] > 200
