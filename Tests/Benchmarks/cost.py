"""What a create costs: processor time of the daemon beside Redis's, memory of jobs that wait, and what a large store adds."""

import contextlib
import os
import pathlib
import socket
import struct

import crowd
import load
import peers
from rounds import Figure, Row, take_turns

WAITING, STORED = 10_000, 350_000
MORE = peers.create("more")


def owner(path):
    """Who listens there."""
    with peers.connection(path) as client:
        return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def spent(pid):
    """Seconds of processor time."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def each(path, request, expected, scale):
    """Microseconds of processor time for each request."""
    pid = owner(path)
    before = spent(pid)
    requests = load.lines(path, request, expected, scale).requests
    return Figure((spent(pid) - before) / requests * 1e6)


@contextlib.contextmanager
def daemon(stored, scale):
    """Alone, with so many jobs that have ended; the path of its socket."""
    with peers.directory() as place:
        path = f"{place}/jobd.sock"
        (place / "jobd.toml").write_text(crowd.CONFIGURATION)
        with peers.part("serve", place):
            crowd.ask(path, "queues.pause", name="held")
            crowd.fill(path, crowd.EMPTY, stored, scale)
            peers.wait_for(
                lambda: crowd.ask(path, "server.status")["jobs"]["completed"] == stored, "the end of the jobs", 600)
            yield path


def jobd(scale):
    with daemon(1, scale) as path:
        return each(path, MORE, '"result":', scale)


def redis(scale):
    with peers.redis() as path:
        return each(path, peers.SET, "+OK", scale)


def waiting(scale):
    """MiB by which the daemon grows with jobs that wait."""
    with daemon(100, scale) as path:
        before = crowd.resident(owner(path))
        crowd.fill(path, crowd.HELD, scale.of(WAITING), scale)
        return Figure(crowd.resident(owner(path)) - before)


def fresh(scale):
    with daemon(1, scale) as path:
        return load.lines(path, MORE, '"result":', scale)


def run(scale):
    with daemon(scale.of(STORED), scale) as large:
        # Other ids each time.
        prefixes = iter(f"more{number}" for number in range(scale.rounds))
        figures = take_turns({
            "jobd": lambda: jobd(scale), "Redis": lambda: redis(scale), "waiting": lambda: waiting(scale),
            "large": lambda: load.lines(large, peers.create(next(prefixes)), '"result":', scale),
            "fresh": lambda: fresh(scale),
        }, scale)
    return [
        Row(
            "`jobs.create`, on disk before the answer: processor time of the daemon", "µs", figures["jobd"],
            "Redis `SET`, `appendfsync always`", figures["Redis"], "≤ 30 µs"),
        Row(f"memory of {scale.of(WAITING):,} waiting jobs", "MiB", figures["waiting"], "", [], "≤ 6 MB"),
        Row(
            f"`jobs.create` with {scale.of(STORED):,} jobs that have ended", "/s", figures["large"], "in a fresh store",
            figures["fresh"], "≥ 0.97"),
    ]
