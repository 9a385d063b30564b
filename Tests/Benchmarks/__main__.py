"""Runs benchmarks by name, all without one, and prints the table.

    python3 Tests/Benchmarks [--smoke] [--rounds N] [--seconds S] [--save] [NAME…]

Those that take many minutes only run when they are named.
--smoke: tiny, only to see that they run. --save: the table goes into RESULTS.md, in place of the same benchmark's lines from
such a processor.
"""

import argparse
import pathlib
import runpy
import sys

import results
from rounds import SMOKE, Scale, table

HERE = pathlib.Path(__file__).resolve().parent
# In the order of the table.
NAMES = [
    "get-http", "get-socket", "create-socket", "create-http", "cost", "slow-disk", "identity", "empty-jobs", "workers", "midnight",
    "short-steps", "first-step", "change-latency", "streams-nchan", "streams-node", "idle-streams", "websockets", "upload", "pieces",
    "waiting-million", "final-million", "growth", "counts"]
# Many minutes.
LONG = ["other-systems", "retention", "strangers", "bombs"]


def main():
    parser = argparse.ArgumentParser(prog="sh Tests/Benchmarks/run.sh")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}, all of them without one; or of {', '.join(LONG)}, which take many minutes")
    parser.add_argument("--smoke", action="store_true", help="tiny forms, only to see that they run")
    parser.add_argument("--rounds", type=int, default=3, help="how often jobd and its peers take turns (3)")
    parser.add_argument("--seconds", type=float, default=4, help="how long each rate is measured (4)")
    parser.add_argument("--save", action="store_true", help="keep the table in RESULTS.md")
    parser.add_argument("--list", action="store_true", help="print the names, and measure nothing")
    words = parser.parse_args()
    if words.list:
        return print(*NAMES, sep="\n")
    for name in words.names:
        if name not in NAMES + LONG:
            parser.error(f"there is no benchmark {name}; there are {', '.join(NAMES + LONG)}")
    scale = SMOKE if words.smoke else Scale(words.rounds, words.seconds)
    print(results.machine())
    for name in words.names or NAMES:
        print(f"{name}:", file=sys.stderr, flush=True)
        rows = runpy.run_path(str(HERE / f"{name}.py"))["run"](scale)
        print(f"\n{table(rows)}", flush=True)
        if words.save:
            results.save(name, rows, scale)


main()
