"""PgQueuer, on PostgreSQL."""

import asyncio
import contextlib
import json
import os

import asyncpg
from pgqueuer import AsyncpgDriver, PgQueuer, Queries

from systems.job import do


def connect():
    return asyncpg.connect(host=os.environ["ADDRESS"], user="postgres", database="postgres")


@contextlib.asynccontextmanager
async def producer():
    connection = await connect()
    queries = Queries(AsyncpgDriver(connection))
    if await connection.fetchval("SELECT to_regclass('pgqueuer')") is None:
        await queries.install()
    yield lambda key, seconds: queries.enqueue(["do"], [json.dumps([key, seconds]).encode()], [0])
    await connection.close()


async def run():
    manager = PgQueuer(AsyncpgDriver(await connect()))

    @manager.entrypoint("do")
    async def task(job):
        do(*json.loads(job.payload))

    await manager.run()


def work():
    asyncio.run(run())
