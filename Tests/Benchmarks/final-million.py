"""A million jobs that have ended, and a thousand that wait: as if there were only the thousand."""

import crowd
from rounds import Figure, Row

FINAL, FEW = 1_000_000, 1_000


def run(scale):
    count = scale.of(FINAL)
    few, many = crowd.measure(scale, waiting=FEW, final=FEW), crowd.measure(scale, waiting=FEW, final=count)
    what, beside = f"{count:,} final and {FEW:,} waiting jobs", f"{FEW:,} of each"
    return [
        Row(f"{what}: memory after a start", "MiB", [Figure(many.resident)], beside, [Figure(few.resident)], "+ 50 MiB"),
        Row(f"{what}: memory, as they came", "MiB", [Figure(many.grown)], beside, [Figure(few.grown)]),
        Row(f"{what}: start", "s", [Figure(many.start)], beside, [Figure(few.start)], "≤ 1 s"),
        Row(f"{what}: disk", "MiB", [Figure(many.disk)], "", []),
        Row(f"{what}: `jobs.get` of those that wait", "/s", [many.get], beside, [few.get], "≥ 0.9"),
        Row(f"{what}: `jobs.create`", "/s", [many.create], beside, [few.create], "≥ 0.9"),
        Row(f"{what}: a page of 50", "ms", [Figure(many.page.p50)], beside, [Figure(few.page.p50)], "≤ 5 ms"),
    ]
