"""A front as other FastCGI hosts start it and talk to it."""

import os
import socket
import struct
import subprocess

import pytest

from service import JOBD, PATIENCE, wait_for


def request(method, path, body=b"", **more):
    """The records of a whole request."""
    def record(kind, content=b""):
        return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    def size(text):
        return struct.pack("!B", len(text)) if len(text) < 128 else struct.pack("!I", len(text) | 1 << 31)

    parameters = b"".join(
        size(name) + size(value) + name.encode() + value.encode()
        for name, value in {"REQUEST_METHOD": method, "REQUEST_URI": path, **more}.items())
    ends = record(5, body) + record(5) if body else record(5)
    return record(1, b"\0\1" + bytes(6)) + record(4, parameters) + record(4) + ends


def ask(connection, *arguments, **more):
    connection.sendall(request(*arguments, **more))
    answer, text = b"", b""
    while part := connection.recv(65_536):
        answer += part
    while answer:
        _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", answer[:8])
        text += answer[8:8 + length] if kind == 6 else b""
        answer = answer[8 + length + padding:]
    return text


def configuration(jobd, socket_address, more=""):
    file = jobd.directory / "other.toml"
    file.write_text(f"""
[storage]
directory = "{jobd.directory}/data"
[control]
socket = "{jobd.directory}/run/jobd.sock"
[front]
socket = "{socket_address}"
{more}""")
    return file


@pytest.fixture
def front(jobd):
    fronts = []

    def start(file, **more):
        fronts.append(subprocess.Popen([JOBD, "fastcgi", "--config", file], **more))
        return fronts[-1]

    yield start
    for process in fronts:
        process.terminate()
        process.wait(PATIENCE)


def test_a_front_takes_the_listening_socket_that_is_its_standard_input(jobd, front):
    path = jobd.directory / "handed.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        front(configuration(jobd, jobd.directory / "unused.sock"), stdin=listening)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(path))
            assert b"Status: 200 OK" in ask(connection, "GET", "/api/health/live")
    assert not os.path.exists(jobd.directory / "unused.sock")


@pytest.mark.parametrize("more, status", [("", b"403"), ("trustsPeer = true", b"200")])
def test_a_front_listens_on_an_address_and_believes_who_connects_only_if_it_is_told(jobd, front, more, status):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    front(configuration(jobd, f"127.0.0.1:{port}", more))

    def connect():
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            return None

    with wait_for(connect, "the front") as connection:
        assert b"Status: 200 OK" in ask(connection, "GET", "/api/health/live")
    with connect() as connection:
        assert b"Status: " + status in ask(connection, "GET", "/api/jobs", JOBD_ROLE="operator")
