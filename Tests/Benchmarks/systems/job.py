"""What every system is given to do: a job writes down that it has begun, and takes its time."""

import os
import time

# As many at the same time, where a system lets one say it.
WORKERS = 16


def do(key, seconds):
    with open(os.environ["WORKED"], "a") as worked:
        worked.write(f"{key} {time.monotonic()}\n")
    time.sleep(seconds)
