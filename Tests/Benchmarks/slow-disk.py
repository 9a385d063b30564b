"""Reads while others create all the time, and each sync of the disk takes 10 ms longer."""

import dataclasses
import threading

import peers
from load import lines, program
from rounds import Row, take_turns

JOBS = 1_000
READERS = 4


def gets(scale, creators, **environment):
    """What readers wait for; the value is the 99th percentile in milliseconds."""
    with peers.directory() as place, peers.part("serve", place, **environment):
        path = f"{place}/jobd.sock"
        lines(path, peers.CREATE, '"result":', scale, count=JOBS)
        longer = dataclasses.replace(scale, seconds=scale.seconds + 1)
        creates = threading.Thread(
            target=lines, args=(path, peers.create("more"), '"result":', longer), kwargs={"connections": creators})
        creates.start()
        figure = lines(path, peers.GET, '"result":', scale, connections=READERS, keys=JOBS)
        creates.join()
        figure.value = figure.p99
        return figure


def run(scale):
    slow = {"LD_PRELOAD": str(program("slowsync", shared=True))}
    counts = (1, 32)
    figures = take_turns({
        (count, name): lambda count=count, environment=environment: gets(scale, count, **environment)
        for count in counts for name, environment in (("slow", slow), ("quick", {}))
    }, scale)
    return [
        Row(
            f"99th percentile of `jobs.get`, {READERS} readers, each sync 10 ms longer, {count} creating", "ms",
            figures[count, "slow"], "the disk as it is", figures[count, "quick"], "< 1 ms")
        for count in counts]
