"""How long after a change is sent its event is at the browser's side of nginx: 100 streams on 100 jobs."""

import feeds
import peers
from rounds import Figure, Row, take_turns

# Each job changes twice a second.
STREAMS, RATE = 100, 200


def run(scale):
    streams = max(2, scale.of(STREAMS))
    with feeds.jobd(channels=streams) as feed:
        figures = take_turns({
            "jobd": lambda: feed.measure(
                streams=streams, channels=streams, events=round(RATE * scale.seconds), rate=RATE),
            "commit": lambda: peers.sqlite(scale),
        }, scale)
    return [Row(
        f"change → browser side of nginx, {streams} streams on {streams} jobs: 99 % after", "ms",
        [Figure(figure.p99) for figure in figures["jobd"]], "one durable commit",
        [Figure(figure.p50) for figure in figures["commit"]], "≤ that + 5 ms")]
