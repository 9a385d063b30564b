"""BullMQ's Python package at work, with the documented ways to add and to process: COUNT jobs from added to completed.

    bull.py REDIS-SOCKET COUNT CONCURRENCY PAYLOAD     prints one line of JSON

One process adds, another one works, so that neither waits for the other's turn of the interpreter.
"""

import asyncio
import json
import multiprocessing
import sys
import time

from bullmq import Queue, Worker

QUEUE = "benchmark"


async def add(connection, count, concurrency, payload):
    queue = Queue(QUEUE, {"connection": connection})
    left = iter(range(count))

    async def adder():
        for _ in left:
            await queue.add("empty", payload)

    await asyncio.gather(*(adder() for _ in range(concurrency)))
    await queue.close()


async def work(connection, count, concurrency, ready):
    done, completed = asyncio.Event(), 0

    async def process(job, token):
        return None

    def count_one(job, result):
        nonlocal completed
        completed += 1
        if completed == count:
            done.set()

    worker = Worker(QUEUE, process, {"connection": connection, "concurrency": concurrency})
    worker.on("completed", count_one)
    ready.set()
    await done.wait()
    await worker.close()


def main(socket, count, concurrency, payload):
    connection, count, concurrency = f"unix://{socket}", int(count), int(concurrency)
    ready = multiprocessing.Event()
    worker = multiprocessing.Process(target=lambda: asyncio.run(work(connection, count, concurrency, ready)))
    worker.start()
    ready.wait()
    began = time.monotonic()
    asyncio.run(add(connection, count, concurrency, json.loads(payload)))
    added = time.monotonic() - began
    worker.join()
    print(json.dumps({"requests": count, "errors": worker.exitcode, "seconds": time.monotonic() - began, "added": added}))


main(*sys.argv[1:])
