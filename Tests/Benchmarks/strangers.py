"""Reads beside an attacker who may only be nobody: from 32 connections, within what nginx lets through and his quota, he
uploads as fast as he can."""

import contextlib
import http.client
import os
import threading
import time

import peers
from load import wrk
from rounds import Row, take_turns
from upload import content

CONFIGURATION = """
[access]
anonymous = "ids"
"""
CONNECTIONS = 32
# What nginx lets through of one address.
REQUESTS_A_SECOND = 100
LARGE, SMALL = 64 << 20, 1 << 10
# What a round may store at most: the quota is 10 GiB.
STORED = 3 << 30


class Attacker:
    """Threads that upload while the body runs."""

    def __init__(self, port, path, size):
        self.port, self.path, self.size = port, path, size
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.begun = time.monotonic()
        self.requests = self.stored = 0
        self.statuses = {}

    def may_ask(self):
        """At most so many a second, each from when it is allowed."""
        with self.lock:
            if self.stored + self.size > STORED:
                return False
            self.stored += self.size
            self.requests += 1
            wait = self.begun + self.requests / REQUESTS_A_SECOND - time.monotonic()
        return not self.over.wait(max(0, wait))

    def attack(self):
        # He has a machine of his own.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        while self.may_ask():
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port)) as client, open(self.path, "rb") as file:
                try:
                    client.putrequest("POST", "/api/files?name=x")
                    client.putheader("Content-Length", str(self.size))
                    client.endheaders()
                    client.sock.sendfile(file, count=self.size)
                    status = client.getresponse().status
                except OSError:
                    status = None
            with self.lock:
                self.statuses[status] = self.statuses.get(status, 0) + 1

    @contextlib.contextmanager
    def at_work(self):
        threads = [threading.Thread(target=self.attack) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        peers.wait_for(lambda: self.stored >= min(CONNECTIONS, 2) * self.size, "the attack")
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()


def reads(scale, path, size):
    with peers.jobd(CONFIGURATION) as service:
        job_id = service.post("/api/jobs", peers.BODY).json["jobId"]

        def latency():
            figure = wrk(service.port, [f"/api/jobs/{job_id}"], scale, connections=4)
            figure.value = figure.p99
            return figure

        if not size:
            return latency()
        with Attacker(service.port, path, size).at_work():
            return latency()


def run(scale):
    sizes = {"idle": 0, "large": max(1 << 20, scale.of(LARGE)), "small": SMALL}
    with content(sizes["large"]) as path:
        figures = take_turns({name: lambda size=size: reads(scale, path, size) for name, size in sizes.items()}, scale)
    return [
        Row(
            f"99th percentile of `GET` beside an attacker's uploads of {size}", "ms", figures[name],
            "the same without him", figures["idle"], "≤ 20 ms")
        for name, size in (("large", f"{sizes['large'] >> 20} MiB"), ("small", f"{SMALL >> 10} KiB"))]
