"""`jobs.create` over the control socket, on disk before the answer, beside what else writes before it answers.

Each measurement has a fresh service, so that nobody's store is larger than another's.
"""

import peers
from load import lines
from rounds import Row, take_turns


def create(scale, **more):
    with peers.jobd() as service:
        return lines(service.control, peers.CREATE, '"result":', scale, **more)


def redis(scale, **more):
    with peers.redis() as path:
        return lines(path, peers.SET, "+OK", scale, **more)


def beanstalkd(scale):
    with peers.beanstalkd() as path:
        return lines(path, peers.PUT, "INSERTED ", scale)


def run(scale):
    figures = take_turns({
        "jobd": lambda: create(scale),
        "Redis": lambda: redis(scale),
        "beanstalkd": lambda: beanstalkd(scale),
        "jobd, 4 pipelined": lambda: create(scale, pipelined=4),
        "Redis, 4 pipelined": lambda: redis(scale, pipelined=4),
        "jobd, 1 client": lambda: create(scale, connections=1),
        "Redis, 1 client": lambda: redis(scale, connections=1),
        "SQLite": lambda: peers.sqlite(scale),
    }, scale)
    what = "`jobs.create`, on disk before the answer"
    return [
        Row(what, "/s", figures["jobd"], "Redis `SET`, `appendfsync always`", figures["Redis"], "≥ 1.1"),
        Row(
            f"{what}, 4 pipelined each", "/s", figures["jobd, 4 pipelined"], "the same, 4 pipelined each",
            figures["Redis, 4 pipelined"], "≥ 1.5"),
        Row(what, "/s", figures["jobd"], "beanstalkd `put`, `-b -f0`", figures["beanstalkd"], "≥ 6"),
        Row(
            f"{what}, 1 client", "/s", figures["jobd, 1 client"], "single durable SQLite commits of the same row",
            figures["SQLite"], "≥ 0.8"),
        # What a socket, another process and being woken twice cost beside a commit, whoever does it.
        Row(f"{what}, 1 client", "/s", figures["jobd, 1 client"], "Redis, 1 client", figures["Redis, 1 client"]),
    ]
