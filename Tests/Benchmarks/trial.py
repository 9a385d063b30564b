"""One of the job systems on a fresh broker: what it is asked to show."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import load
import peers

# Seconds: in which a worker begins its first job, and of quiet after which no more come.
START, QUIET = 60, 5
# How often a broker that was started again is asked to take a job, for as long as is quiet each time.
ATTEMPTS = 10


class Trial:
    """One system on a fresh broker."""

    def __init__(self, system, place):
        self.system, self.place = system, place
        self.broker = system.broker(place)
        self.worked, self.acknowledged = place / "worked", place / "acknowledged"
        self.worked.touch()
        self.worked.chmod(0o666)

    def __enter__(self):
        self.broker.start()
        return self

    def __exit__(self, *_):
        self.broker.kill()

    @contextlib.contextmanager
    def driven(self, *words):
        """Its driver, with all whom it starts, while the body runs."""
        python = load.python(*self.system.packages) if self.system.packages else sys.executable
        output = self.acknowledged if words[0] == "enqueue" else os.devnull
        with open(output, "w") as output, open(self.place / "errors", "a") as errors:
            child = subprocess.Popen(
                list(map(str, [python, "-m", "systems.drive", self.system.module, *words])), cwd=load.HERE,
                stdout=output, stderr=errors, start_new_session=True,
                env={
                    **os.environ, "ADDRESS": self.broker.address, "WORKED": str(self.worked),
                    "SETTING": "durable" if self.system.is_durable else "default"})
        try:
            yield child
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    @staticmethod
    def lines(path):
        """What has been written to it, whole lines of a key and a moment, in order."""
        return [(key, float(moment)) for key, moment in (
            line.split() for line in path.read_text().splitlines(keepends=True) if line.endswith("\n"))]

    def enqueue(self, count, seconds=0, first=0, patience=None):
        """All of them, one after the other; answers when each was acknowledged."""
        with self.driven("enqueue", first, count, seconds) as child:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(patience)
        if len(lines := self.lines(self.acknowledged)) < count:
            raise RuntimeError(f"{self.system.name} took {len(lines)} of {count} jobs: {self.errors()}")
        return lines

    def errors(self):
        return (self.place / "errors").read_text()[-2000:]

    def work(self, keys):
        """Works until all of these jobs have begun, or no more come."""
        with self.driven("work"):
            begun, changed = set(), time.monotonic()
            while keys - begun and time.monotonic() - changed < (QUIET if begun else START):
                time.sleep(0.02)
                if len(now := {key for key, _ in self.lines(self.worked)}) > len(begun):
                    begun, changed = now, time.monotonic()
        return self.lines(self.worked)

    def speed(self, count):
        """Jobs acknowledged a second, and jobs begun a second."""
        acknowledged = self.enqueue(count)
        lines = self.work({key for key, _ in acknowledged})
        if len(lines) < count:
            raise RuntimeError(f"{self.system.name} began {len(lines)} of {count} jobs: {self.errors()}")
        return rate(acknowledged), rate(lines)

    def lost(self, count):
        """How many jobs it has acknowledged before its broker was killed, and how many of those never begin; in words."""
        with self.driven("enqueue", 0, 1_000_000, 0):
            peers.wait_for(lambda: len(self.lines(self.acknowledged)) >= count, "jobs that are acknowledged")
            self.broker.kill()
        acknowledged = {key for key, _ in self.lines(self.acknowledged)}
        self.broker.start()
        if not (last := self.probe()):
            return f"takes no job for {ATTEMPTS * QUIET} s afterwards"
        begun = {key for key, _ in self.work(acknowledged | {last})}
        if last not in begun:
            return f"begins no job for {START} s afterwards"
        return f"{len(acknowledged - begun):,} of {len(acknowledged):,}"

    def probe(self):
        """Enqueues one more job, so that something begins when no other does; its key, None when it is not taken."""
        for _ in range(ATTEMPTS):
            with contextlib.suppress(RuntimeError):
                [(key, _)] = self.enqueue(1, first=1_000_000, patience=QUIET)
                return key

    def wait(self, patience):
        """Seconds between the end of a worker and the next beginning of the job that it did; None when it never begins."""
        self.enqueue(1, seconds=3600)
        with self.driven("work"):
            peers.wait_for(lambda: self.lines(self.worked), f"the first job of {self.system.name}")
        killed = time.monotonic()
        with self.driven("work"):
            while time.monotonic() - killed < patience:
                if len(lines := self.lines(self.worked)) > 1:
                    return lines[1][1] - killed
                time.sleep(0.01)


def rate(lines):
    return (len(lines) - 1) / (lines[-1][1] - lines[0][1]) if len(lines) > 1 else 0
