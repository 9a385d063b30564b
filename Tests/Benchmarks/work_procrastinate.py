"""procrastinate at work on PostgreSQL, as it is without a setting of its own: COUNT jobs from fetched to succeeded.

    work_procrastinate.py POSTGRESQL-DIRECTORY COUNT CONCURRENCY PAYLOAD     prints one line of JSON

All jobs are added before the workers start, of which there is one for each core.
"""

import asyncio
import json
import multiprocessing
import os
import sys
import time

import procrastinate

QUEUE = "benchmark"
PIECE = 1000


def make_app(directory):
    connector = procrastinate.PsycopgConnector(conninfo=f"host={directory} user=postgres dbname=postgres")
    app = procrastinate.App(connector=connector)

    @app.task(name="empty", queue=QUEUE)
    async def empty(**payload):
        return None

    return app, empty


async def add(directory, count, payload):
    app, empty = make_app(directory)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for number in range(0, count, PIECE):
            await empty.batch_defer_async(*[payload] * min(PIECE, count - number))


async def work(directory, concurrency, start):
    app, _ = make_app(directory)
    async with app.open_async():
        start.wait()
        await app.run_worker_async(
            queues=[QUEUE], concurrency=concurrency, wait=False, install_signal_handlers=False, listen_notify=False)


async def succeeded(directory):
    app, _ = make_app(directory)
    async with app.open_async():
        row = await app.connector.execute_query_one_async(
            "SELECT count(*) AS count FROM procrastinate_jobs WHERE status = 'succeeded'")
        return row["count"]


def run_worker(directory, concurrency, start):
    asyncio.run(work(directory, concurrency, start))


def main(directory, count, concurrency, payload):
    count, cores = int(count), os.cpu_count()
    asyncio.run(add(directory, count, json.loads(payload)))
    start = multiprocessing.Barrier(cores + 1)
    workers = [
        multiprocessing.Process(target=run_worker, args=(directory, max(1, int(concurrency) // cores), start))
        for _ in range(cores)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.monotonic()
    for worker in workers:
        worker.join()
    seconds = time.monotonic() - began
    errors = count - asyncio.run(succeeded(directory))
    print(json.dumps({"requests": count, "errors": errors, "seconds": seconds, "added": 0}))


if __name__ == "__main__":
    # procrastinate warns of an app that is made in the main module.
    import work_procrastinate
    work_procrastinate.main(*sys.argv[1:])
