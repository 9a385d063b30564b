"""An upload through nginx, stored, on disk and hashed, beside nginx's own PUT and the tools for the rest; and reads beside
two hundred slow uploads."""

import contextlib
import http.client
import os
import pathlib
import random
import subprocess
import threading
import time

import peers
import sites
from load import wrk
from rounds import Figure, Row, take_turns

BYTES = 1 << 30
SLOW, BYTES_A_SECOND = 200, 10_000


@contextlib.contextmanager
def content(size):
    """A file of random bytes, which is on disk before anything is measured."""
    with peers.directory() as place:
        block, path = random.Random(1).randbytes(1 << 20), place / "content"
        with open(path, "wb") as file:
            for _ in range(size >> 20):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        yield path


def send(port, method, path, content):
    """Sends the file as a request's body, without copying it, and answers the response."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as client, open(content, "rb") as file:
        client.putrequest(method, path)
        client.putheader("Content-Length", str(os.path.getsize(content)))
        client.endheaders()
        client.sock.sendfile(file)
        answer = client.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"{method} {path}: {answer.status} {body}")
        return body


def digest(path):
    run = subprocess.run(["openssl", "dgst", "-sha256", "-r", path], check=True, stdout=subprocess.PIPE)
    return run.stdout.split()[0]


def jobd(content, sha256):
    with peers.jobd() as service:
        began = time.monotonic()
        body = send(service.port, "POST", "/api/files?name=content", content)
        took = time.monotonic() - began
        if sha256 not in body:
            raise RuntimeError(f"another digest than {sha256}: {body}")
        return Figure(took)


def dav(content):
    with peers.directory() as place, sites.dav(place) as port:
        began = time.monotonic()
        send(port, "PUT", "/content", content)
        digest(place / "content")
        subprocess.run(["sync", place / "content"], check=True)
        return Figure(time.monotonic() - began)


@contextlib.contextmanager
def slow_uploads(service, count):
    """So many, all under way while the body runs."""
    over, block = threading.Event(), bytes(BYTES_A_SECOND // 10)

    def upload(number):
        with peers.connection(("127.0.0.1", service.port)) as client:
            head = f"POST /api/files?name={number} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10 << 20}\r\n\r\n"
            client.sendall(head.encode())
            while not over.wait(0.1):
                client.sendall(block)

    def arriving():
        return [path for path in pathlib.Path(service.directory / "data/files").rglob("*") if path.is_file()]

    threads = [threading.Thread(target=upload, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        peers.wait_for(lambda: len(arriving()) >= count, "the uploads")
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
        peers.wait_for(lambda: not arriving(), "the removal of what was cut off")


def reads(scale, count):
    with peers.jobd() as service:
        job_id = service.post("/api/jobs", peers.BODY).json["jobId"]

        def rate():
            return wrk(service.port, [f"/api/jobs/{job_id}"], scale, connections=4)

        idle = rate()
        with slow_uploads(service, count):
            return rate(), idle


def run(scale):
    size, count = max(1 << 20, scale.of(BYTES)), scale.of(SLOW)
    with content(size) as path:
        sha256 = digest(path)
        figures = take_turns({"jobd": lambda: jobd(path, sha256), "nginx": lambda: dav(path)}, scale)
    busy, idle = reads(scale, count)
    return [
        Row(
            f"upload of {size >> 20:,} MiB through nginx, stored, on disk, hashed", "s", figures["jobd"],
            "nginx's DAV `PUT`, `openssl dgst -sha256`, `sync`", figures["nginx"], "≤ 0.9"),
        Row(
            f"`GET` of 4 connections beside {count} uploads at {BYTES_A_SECOND // 1000} KB/s", "/s", [busy],
            "the same without uploads", [idle]),
    ]
