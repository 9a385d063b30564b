"""Many streams of one job: how soon is an event with all of them, beside who else sends events?"""

import feeds
from rounds import Figure, Row, take_turns

STREAMS, EVENTS = 5000, 20


def rows(scale, peer, name, *, p99, rate=None):
    streams = scale.of(STREAMS)

    def measure(source):
        with source() as feed:
            return feed.measure(streams=streams, events=EVENTS)

    figures = take_turns({"jobd": lambda: measure(feeds.jobd), name: lambda: measure(peer)}, scale)
    ours, theirs = figures["jobd"], figures[name]
    what = f"{streams:,} streams on one job through nginx, {EVENTS} events"
    last = [[Figure(figure.p99) for figure in each] for each in (ours, theirs)]
    return [
        Row(f"{what}: with 99 % of them after", "ms", last[0], name, last[1], p99),
        Row(f"{what}: arrivals", "/s", ours, name, theirs, rate or ""),
    ]
