"""5,000 WebSockets on one job, and on 500: how soon an event is there and what they cost, beside server-sent events."""

import crowd
import feeds
from rounds import Figure, Row, take_turns

STREAMS, EVENTS = 5000, 20


def measure(feed, streams, channels):
    """The delay of events, and the memory for each stream: of fronts, daemon and nginx together."""
    with feed(channels=channels) as source:
        parts = [pid for part in ("serve", "fastcgi", "nginx: worker") for pid in source.service.part(part)]
        before = sum(map(crowd.resident, parts))
        with source.hold(streams, channels):
            memory = (sum(map(crowd.resident, parts)) - before) * 1024 / streams
        figure = source.measure(streams=streams, channels=channels, events=max(EVENTS, channels))
        figure.memory = Figure(memory)
        return figure


def run(scale):
    rows = []
    streams = scale.of(STREAMS)
    for channels in (1, max(1, streams // 10)):
        figures = take_turns({
            "WebSocket": lambda: measure(feeds.websockets, streams, channels),
            "server-sent events": lambda: measure(feeds.jobd, streams, channels)}, scale)
        ours, theirs = figures["WebSocket"], figures["server-sent events"]
        what = f"{streams:,} WebSockets on {channels:,} {'job' if channels == 1 else 'jobs'}"
        last = [[Figure(figure.p99) for figure in each] for each in (ours, theirs)]
        memory = [[figure.memory for figure in each] for each in (ours, theirs)]
        rows += [
            Row(f"{what}: an event is with 99 % after", "ms", last[0], "server-sent events", last[1], "≤ 1.2"),
            Row(f"{what}: memory for each", "KiB", memory[0], "server-sent events", memory[1], "≤ 1.2"),
        ]
    return rows
