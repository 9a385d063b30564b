"""8,000 streams on which nothing happens: what each costs the fronts and the daemon."""

import crowd
import feeds
from rounds import Figure, Row

STREAMS, JOBS = 8000, 100


def run(scale):
    streams = scale.of(STREAMS)
    with feeds.jobd(channels=JOBS) as feed:
        parts = feed.service.part("serve") + feed.service.part("fastcgi")

        def memory():
            return sum(map(crowd.resident, parts))

        before = memory()
        with feed.hold(streams, JOBS):
            each = (memory() - before) * 1024 / streams
    return [Row(
        f"{streams:,} idle streams on {JOBS} jobs: front and daemon, each", "KiB", [Figure(each)], "", [], "≤ 6 KiB")]
