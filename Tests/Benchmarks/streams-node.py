"""5,000 streams on one job through nginx, beside a Node server with its jobs in memory."""

import fanout
import feeds


def run(scale):
    return fanout.rows(scale, feeds.node, "Node", p99="≤ 0.5")
