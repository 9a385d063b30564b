"""BullMQ's package for Python."""

import asyncio
import contextlib
import os

from bullmq import Queue, Worker

from systems.job import WORKERS, do

CONNECTION = {"connection": f"unix://{os.environ['ADDRESS']}"}


@contextlib.asynccontextmanager
async def producer():
    queue = Queue("jobs", CONNECTION)
    yield lambda key, seconds: queue.add("do", [key, seconds])
    await queue.close()


async def process(job, token):
    do(*job.data)


async def run():
    Worker("jobs", process, {**CONNECTION, "concurrency": WORKERS})
    await asyncio.Event().wait()


def work():
    asyncio.run(run())
