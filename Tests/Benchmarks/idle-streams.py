"""8,000 streams on which nothing happens: what each costs the fronts and the daemon, beside nginx."""

import crowd
import feeds
from rounds import Figure, Row

STREAMS, JOBS = 8000, 100


def run(scale):
    streams = scale.of(STREAMS)
    with feeds.jobd(channels=JOBS) as feed:
        ours = feed.service.part("serve") + feed.service.part("fastcgi")
        nginx = feed.service.part("nginx: worker")

        def memory():
            return [sum(map(crowd.resident, parts)) for parts in (ours, nginx)]

        before = memory()
        with feed.hold(streams, JOBS):
            each = [Figure((now - then) * 1024 / streams) for now, then in zip(memory(), before)]
    what = f"{streams:,} idle streams on {JOBS} jobs"
    return [
        Row(f"{what}: front and daemon, each", "KiB", [each[0]], "nginx, each", [each[1]], "≤ 6 KiB"),
    ]
