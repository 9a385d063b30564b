"""Requests at a steady rate until standard input ends: python3 load.py RATE; then prints what failed as JSON."""

import http.client
import json
import sys
import threading
import time
import uuid

THREADS = 16
rate = int(sys.argv[1])
over = threading.Event()
failures, counts = [], [0] * THREADS
slowest = [0.0] * THREADS


def ask(number):
    """Creates a job, reads it, reports on it and cancels it: what an application does all the time."""
    interval = THREADS / rate
    due = time.monotonic() + interval * number / THREADS
    turn = 0
    while not over.is_set():
        time.sleep(max(0, due - time.monotonic()))
        due += interval
        if turn % 4 == 0:
            job_id = str(uuid.uuid4())
        method, path, body, wanted = [
            ("POST", "/api/jobs", {"jobId": job_id, "jobType": "import"}, (200, 201)),
            ("GET", f"/api/jobs/{job_id}", None, (200,)),
            ("PATCH", f"/api/jobs/{job_id}", {"message": str(turn)}, (200,)),
            ("POST", f"/api/jobs/{job_id}/cancel", None, (200,)),
        ][turn % 4]
        turn += 1
        began = time.monotonic()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", timeout=60)
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read().decode()
            if answer.status not in wanted:
                failures.append(f"{method} {path}: {answer.status} {content[:300]}")
            connection.close()
        except OSError as error:
            failures.append(f"{method} {path}: {error!r}")
        counts[number] += 1
        slowest[number] = max(slowest[number], time.monotonic() - began)


threads = [threading.Thread(target=ask, args=[number]) for number in range(THREADS)]
began = time.monotonic()
for thread in threads:
    thread.start()
sys.stdin.read()
over.set()
for thread in threads:
    thread.join()
print(json.dumps({
    "requests": sum(counts), "seconds": round(time.monotonic() - began, 1),
    "slowestMilliseconds": round(max(slowest) * 1000), "failures": failures[:20], "failed": len(failures)}))
