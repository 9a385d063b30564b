"""5,000 streams on one job through nginx, beside nchan, which lives in nginx."""

import fanout
import feeds


def run(scale):
    return fanout.rows(scale, feeds.nchan, "nchan", p99="≤ 2", rate="≥ 0.5")
