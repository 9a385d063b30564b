"""RQ, whose worker forks for each job."""

import contextlib
import os

import redis
from rq import Queue, Worker

from systems.job import do

connection = redis.Redis(unix_socket_path=os.environ["ADDRESS"])
queue = Queue(connection=connection)


@contextlib.asynccontextmanager
async def producer():
    async def put(key, seconds):
        queue.enqueue(do, key, seconds)

    yield put


def work():
    Worker([queue], connection=connection).work(logging_level="ERROR")
