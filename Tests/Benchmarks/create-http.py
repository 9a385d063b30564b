"""`POST /api/jobs` through nginx, on disk before the answer, beside `GET` of the same road."""

import peers
from load import wrk
from rounds import Row, take_turns


def run(scale):
    with peers.jobd() as service:
        job_id = service.post("/api/jobs", peers.BODY).json["jobId"]
        figures = take_turns({
            "POST": lambda: wrk(service.port, ["/api/jobs"], scale, method="POST", body=peers.BODY),
            "GET": lambda: wrk(service.port, [f"/api/jobs/{job_id}"], scale),
        }, scale)
    return [Row(
        "`POST /api/jobs` through nginx", "/s", figures["POST"], "its own `GET /api/jobs/{id}`", figures["GET"], "≥ 0.7")]
