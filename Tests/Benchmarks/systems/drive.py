"""Drives one of the systems in this folder, in an interpreter that has its package.

    python -m systems.drive SYSTEM enqueue FIRST COUNT SECONDS   writes a line for each job that is acknowledged; each takes so long
    python -m systems.drive SYSTEM work                          works until it is killed

ADDRESS says where its broker listens, SETTING how it is used, WORKED is the file in which each job writes that it has begun.
A system is a module with `producer()`, an asynchronous context that gives a function to enqueue with, and `work()`.
"""

import asyncio
import importlib
import sys
import time


async def enqueue(system, first, count, seconds):
    async with system.producer() as put:
        for number in range(first, first + count):
            await put(f"job-{number}", seconds)
            print(f"job-{number} {time.monotonic()}", flush=True)


def main(name, verb, *words):
    system = importlib.import_module(f"systems.{name}")
    if verb == "work":
        system.work()
    else:
        asyncio.run(enqueue(system, int(words[0]), int(words[1]), float(words[2])))


main(*sys.argv[1:])
