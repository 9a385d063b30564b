"""A resumable upload through nginx, beside the same in one piece."""

import contextlib
import http.client
import os
import time

import peers
from rounds import Figure, Row, take_turns
from tus import PIECE, VERSION
from upload import content, digest, send

BYTES, PIECE_BYTES = 1 << 30, 8 << 20


def ask(client, method, path, headers, status):
    """Sends the head of a request; what it answers is read by the function that is returned."""
    client.putrequest(method, path)
    for name, value in headers.items():
        client.putheader(name, value)
    client.endheaders()

    def answer():
        response = client.getresponse()
        body = response.read()
        if response.status != status:
            raise RuntimeError(f"{method} {path}: {response.status} {body}")
        return response

    return answer


def pieces(port, path):
    """Sends the file in pieces over one connection, without copying it, and answers the last response."""
    size = os.path.getsize(path)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as client, open(path, "rb") as file:
        announced = ask(client, "POST", "/api/uploads", {**VERSION, "Upload-Length": size, "Content-Length": 0}, 201)()
        location = announced.headers["Location"]
        for offset in range(0, size, PIECE_BYTES):
            count = min(PIECE_BYTES, size - offset)
            headers = {**PIECE, "Upload-Offset": offset, "Content-Length": count}
            answer = ask(client, "PATCH", location, headers, 204)
            client.sock.sendfile(file, offset, count)
            last = answer()
        return last


def speed(how, size):
    """In MiB a second, of one upload to a service of its own."""
    with peers.jobd() as service:
        began = time.monotonic()
        how(service)
        return Figure((size >> 20) / (time.monotonic() - began))


def run(scale):
    size = max(1 << 20, scale.of(BYTES))
    with content(size) as path:
        sha256 = digest(path)

        def in_pieces(service):
            file_id = pieces(service.port, path).headers["Jobd-File-Id"]
            if service.get(f"/api/files/{file_id}").json["sha256"] != sha256.decode():
                raise RuntimeError(f"another digest than {sha256}")

        def whole(service):
            if sha256 not in send(service.port, "POST", "/api/files?name=content", path):
                raise RuntimeError(f"another digest than {sha256}")

        figures = take_turns({
            "in pieces": lambda: speed(in_pieces, size), "in one piece": lambda: speed(whole, size)}, scale)
    what = f"upload of {size >> 20:,} MiB in pieces of {PIECE_BYTES >> 20} MiB"
    return [Row(what, "MiB/s", figures["in pieces"], "in one piece", figures["in one piece"], "≥ 0.7")]
