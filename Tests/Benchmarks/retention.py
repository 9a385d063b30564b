"""A million jobs that have stayed long enough go, while others come and run: how long nobody was heard, and what is left of the file.

Only when it is named: it takes minutes.
"""

import contextlib
import json
import sqlite3
import threading
import time

import crowd
import peers
from rounds import Figure, Row

ENDED = 1_000_000
# Jobs a second that come and run meanwhile.
RATE = 100
# Seconds between two reads.
PAUSE = 0.003
CONFIGURATION = crowd.CONFIGURATION + """
[retention]
maximumJobs = {kept}
"""
# As many as ended while the others went, and some.
KEPT = 100_000
# So many are made by the daemon; the others are what it stored for them, over and over.
MADE = 1000
PATIENCE = 1800


def multiply(file, count):
    """Repeats the ended jobs of a store that nobody uses, under other ids, until there are so many."""
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        names = [row[1] for row in database.execute("PRAGMA table_info(job)")]
        made = database.execute("SELECT count(*) FROM job").fetchone()[0]
        values = {
            "number": "number + copy * 1000000", "id": "id || '-' || copy",
            **{name: f"{name} + copy" for name in ("created_at", "updated_at", "queued_at", "started_at", "finished_at")}}
        database.execute(
            f"""
            WITH RECURSIVE copies (copy) AS (VALUES (1) UNION ALL SELECT copy + 1 FROM copies WHERE copy < ?)
            INSERT INTO job ({", ".join(names)})
            SELECT {", ".join(values.get(name, name) for name in names)} FROM copies CROSS JOIN job
            WHERE number <= ? ORDER BY copy, number LIMIT ?
            """, (-(-count // made), made, count - made))
        database.execute("UPDATE job_total SET count = ? WHERE status = 'completed'", (count,))


class Reader:
    """One caller who asks again and again: how long each answer took."""

    def __init__(self, socket, pause):
        self.pause = pause
        self.latencies = []
        self.connection = peers.connection(socket)
        self.answers = self.connection.makefile("rb")
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        began = time.monotonic()
        for number in range(10**9):
            if self.over.wait(max(0, began + number * self.pause - time.monotonic())):
                return
            self.turn(number)

    def turn(self, number):
        self.ask("jobs.get", jobId="read")

    def ask(self, method, **params):
        sent = time.monotonic()
        self.connection.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        assert b'"result"' in self.answers.readline()
        self.latencies.append((time.monotonic() - sent) * 1000)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.connection.close()

    @property
    def figure(self):
        """The longest, with the median and the 99th of a hundred."""
        latencies = sorted(self.latencies)
        return Figure(latencies[-1], *(latencies[int(len(latencies) * part)] for part in (0.5, 0.99)))


class Sender(Reader):
    """Jobs at a steady rate, which are on the disk before each answer."""

    def turn(self, number):
        self.ask("jobs.create", jobId=f"new-{number}", jobType="empty", fileIds=[])


class Sleeper:
    """Somebody who asks for nothing: by how much he oversleeps is the machine's part of a pause."""

    def __init__(self, pause):
        self.pause = pause
        self.longest = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.is_set():
            began = time.monotonic()
            time.sleep(self.pause)
            self.longest = max(self.longest, (time.monotonic() - began - self.pause) * 1000)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def run(scale):
    ended, kept = scale.of(ENDED), scale.of(KEPT)
    with peers.directory() as place:
        socket, file = f"{place}/jobd.sock", place / "data/jobd.sqlite"
        (place / "jobd.toml").write_text(crowd.CONFIGURATION)
        made = min(MADE, ended)
        with peers.part("serve", place):
            crowd.fill(socket, crowd.EMPTY, made, scale)
            peers.wait_for(
                lambda: crowd.ask(socket, "server.status")["jobs"]["completed"] == made, "the end of the jobs", 600)
        multiply(file, ended)
        before = file.stat().st_size
        (place / "jobd.toml").write_text(CONFIGURATION.format(kept=kept))
        with peers.part("serve", place):
            began = time.monotonic()
            crowd.ask(socket, "jobs.create", jobId="read", jobType="empty", queue="held")
            with Sleeper(PAUSE) as sleeper, Reader(socket, PAUSE) as reader, Sender(socket, 1 / RATE) as sender:
                peers.wait_for(
                    lambda: crowd.ask(socket, "server.status")["jobs"]["completed"] <= kept + 2 * RATE,
                    "the end of the old ones", PATIENCE)
                took = time.monotonic() - began
                peers.wait_for(lambda: file.stat().st_size < before * 0.9, "the file to shrink", PATIENCE)
        after = file.stat().st_size
    what = f"{ended:,} ended jobs go to {kept:,} while {RATE} a second come"
    return [
        Row(f"{what}: `jobs.get`, the longest", "ms", [reader.figure], "somebody who only sleeps", [Figure(sleeper.longest)], "≤ 50 ms"),
        Row(f"{what}: `jobs.create`, the longest", "ms", [sender.figure], "", []),
        Row(f"{what}: until they have gone", "s", [Figure(took)], "", []),
        Row(f"{what}: the file", "MiB", [Figure(after / 1024**2)], "before", [Figure(before / 1024**2)], "< 0.9"),
    ]
