"""A daemon alone with very many jobs: what it needs, and what it still does."""

import contextlib
import dataclasses
import functools
import json
import pathlib
import re
import subprocess
import time

import load
import peers
from rounds import Figure

# What waits does so in a queue that is paused; what ends does so at once.
CONFIGURATION = """
[queues.held]
[queues.default]
width = 64
[pipelines.empty]
"""
HELD = peers.CREATE.replace('"jobType":"benchmark"', '"jobType":"empty","queue":"held","fileIds":[]')
EMPTY = peers.create("end").replace('"jobType":"benchmark"', '"jobType":"empty","fileIds":[]')
PAGE = r'{"jsonrpc":"2.0","id":"{n........}","method":"jobs.list","params":{"limit":50}}\n'
# How many requests are under way while it is filled, on each of 32 connections.
PIPELINED = 32


@dataclasses.dataclass
class Findings:
    """Of one daemon; sizes in MiB, times in seconds, rates a second."""

    # While the jobs were made, and when it has been started anew.
    creating: float
    grown: float
    start: float
    resident: float
    disk: float
    get: Figure
    create: Figure
    page: Figure


def resident(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+)", status).group(1)) / 1024


def ask(socket, method, **params):
    with contextlib.closing(peers.connection(socket)) as client:
        client.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        return json.loads(client.makefile("rb").readline())["result"]


def fill(socket, request, count, scale):
    return load.lines(socket, request, '"result":', scale, count=count, pipelined=PIPELINED)


@functools.cache
def measure(scale, *, waiting, final=0):
    """Makes the jobs, starts the daemon anew, and asks it for what it has and for more.

    Once a run, whatever the number of benchmarks that want to know.
    """
    with peers.directory() as place:
        socket = f"{place}/jobd.sock"
        (place / "jobd.toml").write_text(CONFIGURATION)
        with peers.part("serve", place) as daemon:
            ask(socket, "queues.pause", name="held")
            if final:
                fill(socket, EMPTY, final, scale)
                peers.wait_for(
                    lambda: ask(socket, "server.status")["jobs"]["completed"] == final, "the end of the jobs", 600)
            creating = fill(socket, HELD, waiting, scale).value
            grown = resident(daemon.pid)
        began = time.monotonic()
        with peers.part("serve", place) as daemon:
            assert ask(socket, "server.status")["jobs"]["queued"] == waiting
            start, size = time.monotonic() - began, resident(daemon.pid)
            disk = int(subprocess.run(
                ["du", "-sk", place / "data"], check=True, stdout=subprocess.PIPE).stdout.split()[0]) / 1024
            return Findings(
                creating=creating, grown=grown, start=start, resident=size, disk=disk,
                get=load.lines(socket, peers.GET, '"result":', scale, keys=waiting),
                page=load.lines(socket, PAGE, '"result":', scale, connections=1),
                create=load.lines(socket, peers.create("more"), '"result":', scale))


def stored_form(scale):
    """A job as jobd sends it, which is what others keep of it."""
    with peers.jobd() as service:
        load.lines(service.control, peers.CREATE, '"result":', scale, count=1)
        return service.get("/api/jobs/job-00000000001").body.decode()
