"""How long after the service has a job's end does a page show it, while the stream is broken in each way?

    JOBD=.build/release/jobd python3 Tests/Benchmarks/broken-streams.py
"""

import datetime
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from breaks import BREAKS, Steered, run  # noqa: E402
from browser import Browser  # noqa: E402
from service import CONTRACT, Service  # noqa: E402


def measure(name):
    services = []

    def start(configuration):
        services.append(Service(configuration))
        return services[-1].start()

    with tempfile.TemporaryDirectory() as directory:
        browser = Browser(pathlib.Path(directory) / "profile")
        try:
            updates, final = run(name, Steered(start, pathlib.Path(directory)), browser, CONTRACT)
        finally:
            browser.quit()
            for service in services:
                service.discard()
    finished = datetime.datetime.fromisoformat(final["finishedAt"].replace("Z", "+00:00")).timestamp()
    return updates[-1]["at"] - finished * 1000, len(updates)


if __name__ == "__main__":
    for name in BREAKS:
        late, updates = measure(name)
        print(f"{name}: the end is shown after {late:.0f} ms, {updates} updates")
