"""`jobs.get` over the control socket beside Redis `GET`, one request at a time on each of 32 connections."""

import peers
from load import lines
from rounds import Row, take_turns

JOBS = 1000


def run(scale):
    jobs = scale.of(JOBS)
    with peers.jobd() as service, peers.redis() as redis:
        lines(service.control, peers.CREATE, '"result":', scale, count=jobs)
        lines(redis, peers.SET, "+OK", scale, count=jobs)
        figures = take_turns({
            "jobd": lambda: lines(service.control, peers.GET, '"result":', scale, keys=jobs),
            "Redis": lambda: lines(redis, peers.REDIS_GET, "$200", scale, framing="bulk", keys=jobs),
        }, scale)
    return [Row("`jobs.get` over the socket", "/s", figures["jobd"], "Redis `GET`", figures["Redis"], "≥ 0.6")]
