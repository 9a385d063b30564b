"""Uploads as they come: one of 2 GiB, 200 at 10 KB/s beside status reads, and 50 that are cut off.

    JOBD=.build/release/jobd python3 Tests/Benchmarks/uploads.py [GIB]
"""

import hashlib
import pathlib
import random
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from service import Service, wait_for  # noqa: E402

BLOCK = random.Random(1).randbytes(1 << 20)


def stored(service):
    return [path for path in (service.directory / "data/files").rglob("*") if path.is_file()]


def large(service, gib):
    digest = hashlib.sha256()
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        began = time.monotonic()
        connection.sendall(
            f"POST /api/files?name=large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            f"Content-Length: {gib * 1024 * len(BLOCK)}\r\n\r\n".encode())
        for _ in range(gib * 1024):
            connection.sendall(BLOCK)
            digest.update(BLOCK)
        answer = connection.makefile("rb").read()
    took = time.monotonic() - began
    assert digest.hexdigest().encode() in answer, answer
    peaks = [
        int(line.split()[1]) / 1024
        for pid in service.part("fastcgi")
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(f"large: {gib} GiB in {took:.1f} s, the fronts' peaks {peaks} MiB, the digest is right")


def reads(service, seconds):
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        assert service.get("/api/jobs/read").status == 200
        times.append((time.monotonic() - began) * 1000)
        time.sleep(0.005)
    return statistics.quantiles(times, n=100)[98], statistics.median(times), len(times)


def slow(service, count, seconds):
    stop = threading.Event()

    def send(number):
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(
                f"POST /api/files?name={number} HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n".encode())
            while not stop.wait(0.1):
                connection.sendall(BLOCK[:1000])

    service.post("/api/jobs", {"jobId": "read"})
    idle = reads(service, seconds)
    threads = [threading.Thread(target=send, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(stored(service)) >= count, "the uploads")
    busy = reads(service, seconds)
    stop.set()
    for thread in threads:
        thread.join()
    print("slow: reads p99 / median ms (count): idle {:.1f} / {:.1f} ({}), beside {} uploads {:.1f} / {:.1f} ({})".format(
        *idle, count, *busy))


def cut(service, count):
    wait_for(lambda: not stored(service), "the removal of what was cut off")
    dice = random.Random(2)
    for number in range(count):
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(
                f"POST /api/files?name={number} HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n".encode())
            connection.sendall(BLOCK[:dice.randrange(1_000_000)])
    wait_for(lambda: not stored(service), "the removal of what was cut off")
    print(f"cut: {count} uploads cut off, nothing remains")


if __name__ == "__main__":
    service = Service().start()
    try:
        slow(service, 200, 10)
        cut(service, 50)
        large(service, int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    finally:
        service.discard()
