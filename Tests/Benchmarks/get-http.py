"""`GET /api/jobs/{id}` through nginx, beside the floor of this road and beside PHP-FPM with Redis."""

import contextlib
import json

import peers
import sites
from load import wrk
from rounds import Row, take_turns

JOBS = 1000


def ids(scale):
    return [f"job-{number:011}" for number in range(1, scale.of(JOBS) + 1)]


def fill(service, scale):
    """Makes the jobs; answers the body of one as a client gets it."""
    for job_id in ids(scale):
        answer = service.post(
            "/api/jobs", {"jobId": job_id, "jobType": "benchmark", "metadata": json.loads(peers.PAYLOAD)})
        assert answer.status == 201, answer
    return service.get(f"/api/jobs/{job_id}").body


def fill_redis(path, body, scale):
    with peers.connection(path) as redis:
        for job_id in ids(scale):
            redis.sendall(f"SET job:{job_id} '{body.decode()}'\r\n".encode())
            assert redis.recv(100) == b"+OK\r\n"


def run(scale):
    paths = [f"/api/jobs/{job_id}" for job_id in ids(scale)]
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(peers.jobd())
        body = fill(service, scale)
        redis = stack.enter_context(peers.redis())
        fill_redis(redis, body, scale)
        hello, php = stack.enter_context(sites.hello(body)), stack.enter_context(sites.php(redis))
        figures = take_turns({
            "jobd": lambda: wrk(service.port, paths, scale),
            "libfcgi": lambda: wrk(hello, paths, scale),
            "PHP": lambda: wrk(php, paths, scale),
        }, scale)
    what = "`GET /api/jobs/{id}` through nginx"
    return [
        Row(what, "/s", figures["jobd"], "constant answer, libfcgi in C", figures["libfcgi"], "≥ 0.9"),
        Row(what, "/s", figures["jobd"], "PHP-FPM + Redis", figures["PHP"], "≥ 1.6"),
    ]
