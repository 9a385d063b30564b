"""Dramatiq, on Redis or on RabbitMQ; with SETTING=durable the latter confirms, and its queues are quorum queues."""

import contextlib
import os
import sys

import dramatiq

from systems.job import do

address = os.environ["ADDRESS"]
if address.startswith("/"):
    import redis
    from dramatiq.brokers.redis import RedisBroker
    broker = RedisBroker(client=redis.Redis(unix_socket_path=address))
else:
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    class Quorum(RabbitmqBroker):
        """It has no setting for the kind of its queues."""

        def _build_queue_arguments(self, name):
            return {**super()._build_queue_arguments(name), "x-queue-type": "quorum"}

    is_durable = os.environ["SETTING"] == "durable"
    broker = (Quorum if is_durable else RabbitmqBroker)(url=address, confirm_delivery=is_durable)
dramatiq.set_broker(broker)


@dramatiq.actor(time_limit=24 * 3600 * 1000, max_retries=0)
def task(key, seconds):
    do(key, seconds)


@contextlib.asynccontextmanager
async def producer():
    async def put(key, seconds):
        task.send(key, seconds)

    yield put
    # Says goodbye: what is on its way to RabbitMQ would be lost with the connection.
    broker.close()


def work():
    os.execv(sys.executable, [sys.executable, "-m", "dramatiq", "systems.dramatiq", "--processes", "2"])
