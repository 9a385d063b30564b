"""A million jobs that wait: memory beside Redis with the same JSON, the start, and what the daemon still does then."""

import crowd
import load
import peers
from rounds import Figure, Row

JOBS = 1_000_000


def redis(count, scale):
    """The resident memory of Redis with so many jobs, in MiB."""
    with peers.redis() as path:
        request = peers.resp("SET", "job:job-{n........}", crowd.stored_form(scale))
        load.lines(path, request, "+OK", scale, count=count, pipelined=crowd.PIPELINED)
        with peers.connection(path) as client:
            client.sendall(b"INFO memory\r\n")
            for line in client.makefile("rb"):
                if line.startswith(b"used_memory_rss:"):
                    return int(line.split(b":")[1]) / 1024 ** 2


def run(scale):
    count = scale.of(JOBS)
    few, many = crowd.measure(scale, waiting=1000), crowd.measure(scale, waiting=count)
    theirs = [Figure(redis(count, scale))]
    what = f"{count:,} waiting jobs"
    return [
        Row(f"{what}: memory, as they came", "MiB", [Figure(many.grown)], "Redis, the same JSON", theirs, "≤ 2"),
        Row(f"{what}: memory after a start", "MiB", [Figure(many.resident)], "Redis, the same JSON", theirs, "≤ 2"),
        Row(f"{what}: start", "s", [Figure(many.start)], "", [], "≤ 10"),
        Row(f"{what}: disk", "MiB", [Figure(many.disk)], "", []),
        Row(f"{what}: made over one socket, 32 × {crowd.PIPELINED} under way", "/s", [Figure(many.creating)], "", []),
        Row(f"{what}: a page of 50", "ms", [Figure(many.page.p50)], "1,000 waiting jobs", [Figure(few.page.p50)]),
        Row(f"{what}: `jobs.get`", "/s", [many.get], "1,000 waiting jobs", [few.get]),
        Row(f"{what}: `jobs.create`", "/s", [many.create], "1,000 waiting jobs", [few.create]),
    ]
