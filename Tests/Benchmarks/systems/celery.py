"""Celery; with SETTING=durable as its documentation says that a task survives its worker, and its broker."""

import contextlib
import os
import sys

from celery import Celery

from systems.job import do

address = os.environ["ADDRESS"]
is_durable = os.environ["SETTING"] == "durable"
app = Celery("systems.celery", broker=f"redis+socket://{address}" if address.startswith("/") else address)
if is_durable:
    # A task is acknowledged when it has been done.
    app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)
    if not address.startswith("/"):
        app.conf.update(
            broker_transport_options={"confirm_publish": True}, task_default_queue_type="quorum",
            worker_detect_quorum_queues=True)


@app.task(name="do", ignore_result=True)
def task(key, seconds):
    do(key, seconds)


@contextlib.asynccontextmanager
async def producer():
    with app.pool.acquire(block=True) as connection, app.amqp.Producer(connection) as sender:
        async def put(key, seconds):
            task.apply_async((key, seconds), producer=sender, retry=False)

        yield put
    # Says goodbye: what is on its way to RabbitMQ would be lost with the connection.
    app.close()


def work():
    # As many processes as there are cores; more make it slower.
    os.execv(sys.executable, [
        sys.executable, "-m", "celery", "-A", "systems.celery", "worker", "--without-gossip", "--without-mingle",
        "--loglevel", "ERROR"])
