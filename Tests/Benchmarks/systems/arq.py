"""arq, on Redis."""

import contextlib
import os

import arq
from arq.connections import RedisSettings

from systems.job import WORKERS, do

SETTINGS = RedisSettings(unix_socket_path=os.environ["ADDRESS"])


async def task(context, key, seconds):
    do(key, seconds)


@contextlib.asynccontextmanager
async def producer():
    pool = await arq.create_pool(SETTINGS)
    yield lambda key, seconds: pool.enqueue_job("task", key, seconds)
    await pool.aclose()


def work():
    arq.run_worker(type("Settings", (), {
        "functions": [task], "redis_settings": SETTINGS, "max_jobs": WORKERS}))
