"""Many jobs for one moment: how long after it they wait in their queue, and what reads take meanwhile."""

import datetime
import json
import threading
import time

import load
import peers
from rounds import Figure, Row

JOBS = 100_000
CONFIGURATION = """
[queues.default]
width = 2
[pipelines.empty]
"""
# Seconds that making them may take, on a slow machine.
AHEAD = 45


def run(scale):
    count = scale.of(JOBS)
    with peers.jobd(CONFIGURATION) as service, peers.connection(service.control) as control:
        moment = time.time() + max(5, AHEAD * scale.part)
        text = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).isoformat(timespec="milliseconds")
        create = peers.CREATE.replace(
            '"jobType":"benchmark"', f'"jobType":"empty","fileIds":[],"runAt":"{text.replace("+00:00", "Z")}"')
        load.lines(service.control, create, '"result":', None, count=count)
        spare = moment - time.time()
        if spare < 0:
            raise RuntimeError(f"making the jobs took {-spare:.1f} s too long")
        job_id = service.post("/api/jobs", peers.BODY).json["jobId"]
        latencies, over = [], threading.Event()

        def read():
            while not over.wait(0.005):
                began = time.perf_counter()
                service.get(f"/api/jobs/{job_id}")
                if time.time() >= moment - 0.2:
                    latencies.append(time.perf_counter() - began)

        reader = threading.Thread(target=read)
        reader.start()

        def scheduled():
            control.sendall(b'{"jsonrpc":"2.0","id":1,"method":"server.status"}\n')
            return json.loads(lines.readline())["result"]["jobs"]["scheduled"]

        lines = control.makefile("rb")
        peers.wait_for(lambda: time.time() >= moment, "the moment", patience=120)
        peers.wait_for(lambda: scheduled() <= count / 100, "99 of 100")
        late = time.time() - moment
        over.set()
        reader.join()
        latencies.sort()
        p50, p99 = (latencies[int(len(latencies) * part)] * 1000 for part in (0.5, 0.99))
    return [Row(
        "until 99 of 100 of 100,000 jobs for one moment wait in their queue; `GET` meanwhile", "s", [Figure(late, p50, p99)],
        "", [], "≤ 2")]
