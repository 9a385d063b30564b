"""Celery at work on Redis, with what its documentation says makes a task survive its worker: COUNT tasks from received to done.

    work_celery.py REDIS-SOCKET COUNT CONCURRENCY PAYLOAD     prints one line of JSON

All tasks are added before the worker starts, which has as many processes as there are cores; more make it slower. A task
is done when its result is in Redis.
"""

import json
import os
import subprocess
import sys
import time

import redis
from celery import Celery

SOCKET = "BENCHMARK_REDIS"

app = Celery("work_celery")
if SOCKET in os.environ:
    app.conf.broker_url = f"redis+socket://{os.environ[SOCKET]}"
    app.conf.result_backend = f"redis+socket://{os.environ[SOCKET]}?virtual_host=1"
# "Acknowledged after the task has been executed", and the prefetch that the guide has with it.
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True
app.conf.worker_prefetch_multiplier = 1


@app.task(name="empty")
def empty(payload):
    return None


def main(socket, count, concurrency, payload):
    count = int(count)
    os.environ[SOCKET] = socket
    app.conf.broker_url = f"redis+socket://{socket}"
    app.conf.result_backend = f"redis+socket://{socket}?virtual_host=1"
    payload = json.loads(payload)
    with app.pool.acquire(block=True) as connection, app.amqp.Producer(connection) as producer:
        for _ in range(count):
            empty.apply_async((payload,), producer=producer)
    results = redis.Redis(unix_socket_path=socket, db=1)
    began = time.monotonic()
    worker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "celery", "-A", "work_celery", "worker", "--pool", "prefork",
         "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"],
        cwd=os.path.dirname(os.path.abspath(__file__)), stdout=subprocess.DEVNULL)
    first = None
    try:
        while (done := results.dbsize()) < count and worker.poll() is None:
            if done and first is None:
                first = time.monotonic()
            time.sleep(0.01)
        ended = time.monotonic()
    finally:
        worker.terminate()
        worker.wait()
    print(json.dumps({
        "requests": count, "errors": int(done < count), "seconds": ended - began, "added": (first or ended) - began}))


if __name__ == "__main__":
    main(*sys.argv[1:])
