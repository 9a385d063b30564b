"""Huey, on Redis."""

import contextlib
import os
import sys

from huey import RedisHuey

from systems.job import WORKERS, do

app = RedisHuey("jobs", url=f"unix://{os.environ['ADDRESS']}", results=False)


@app.task()
def task(key, seconds):
    do(key, seconds)


@contextlib.asynccontextmanager
async def producer():
    async def put(key, seconds):
        task(key, seconds)

    yield put


def work():
    os.execv(sys.executable, [
        sys.executable, "-m", "huey.bin.huey_consumer", "systems.huey.app", "--workers", str(WORKERS), "--quiet"])
