"""procrastinate, on PostgreSQL."""

import asyncio
import contextlib
import os

import procrastinate

from systems.job import WORKERS, do

app = procrastinate.App(connector=procrastinate.PsycopgConnector(
    conninfo=f"host={os.environ['ADDRESS']} user=postgres dbname=postgres"))


@app.task(name="do")
async def task(key, seconds):
    do(key, seconds)


async def has_schema():
    found = await app.connector.execute_query_one_async("SELECT to_regclass('procrastinate_jobs') AS name")
    return found["name"] is not None


@contextlib.asynccontextmanager
async def producer():
    async with app.open_async():
        if not await has_schema():
            await app.schema_manager.apply_schema_async()
        yield lambda key, seconds: task.defer_async(key=key, seconds=seconds)


async def run():
    async with app.open_async():
        await app.run_worker_async(concurrency=WORKERS)


def work():
    asyncio.run(run())
