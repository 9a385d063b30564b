"""The dashboard in Chromium with many jobs: when are the first rows there, and does scrolling or filtering hold it up?

    JOBD=.build/release/jobd python3 Tests/Benchmarks/dashboard.py [JOBS]
"""

import json
import pathlib
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from browser import Browser  # noqa: E402
from service import Service  # noqa: E402

# Notes when the first row is there and drawn, and every long task (those of 50 ms and more).
OBSERVE = """
window.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => Math.round(duration))))
    .observe({ type: "longtask", buffered: true });
const look = new MutationObserver(() => {
    if (!document.querySelector(".rows .row")) return;
    look.disconnect();
    requestAnimationFrame(() => setTimeout(() => (window.firstRows = Math.round(performance.now()))));
});
look.observe(document, { childList: true, subtree: true });
"""

# Scrolls on by a screen each frame, until so many rows have been seen.
SCROLL = """
const [rows, done] = arguments;
const scroller = document.querySelector(".scroller");
const step = () => {
    scroller.scrollTop += scroller.clientHeight;
    const last = Number([...document.querySelectorAll(".rows .row")].at(-1).getAttribute("aria-rowindex"));
    if (last > rows) done(last);
    else requestAnimationFrame(step);
};
step();
"""

FILTER = """
const [text, done] = arguments;
const search = document.querySelector("input[type=search]");
search.value = text;
search.dispatchEvent(new Event("input"));
const began = performance.now();
const wanted = () => [...document.querySelectorAll(".rows .row .name")].every((name) => name.textContent.startsWith(text));
const look = () => {
    if (document.querySelector(".rows .row") && wanted()) done(Math.round(performance.now() - began));
    else requestAnimationFrame(look);
};
look();
"""


def create(path, count):
    """Jobs without a pipeline, many in one go."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        replies = connection.makefile("rb")
        for begin in range(0, count, 500):
            numbers = range(begin, min(count, begin + 500))
            connection.sendall(b"".join(
                json.dumps({"jsonrpc": "2.0", "id": number, "method": "jobs.create", "params": {
                    "jobId": f"job-{number:06d}", "jobType": "import", "message": f"Row {number}"}}).encode() + b"\n"
                for number in numbers))
            for _ in numbers:
                assert b'"result"' in replies.readline()


def main(count):
    service = Service().start()
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            began = time.monotonic()
            create(service.directory / "run/jobd.sock", count)
            print(f"{count} jobs created in {time.monotonic() - began:.1f} s")
            browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": OBSERVE})
            for name in ("the first time", "again", "again"):
                browser.open(service, "/jobs/")
                browser.wait("return window.firstRows", "the first rows")
                print(f"first rows {name}: {browser.run('return firstRows')} ms after the request")
            print(f"long tasks so far: {browser.run('return longTasks.splice(0)')} ms")
            rows = min(count // 2, 5000)
            browser.set_script_timeout(120)
            print(f"scrolled to row {browser.execute_async_script(SCROLL, rows)}: "
                  f"long tasks {browser.run('return longTasks.splice(0)')} ms, "
                  f"{browser.run('return document.querySelectorAll(`.rows .row`).length')} rows exist")
            for text in ("job-00", "job-000", "job-0001", "job-00012"):
                took = browser.execute_async_script(FILTER, text)
                print(f"filtered by {text}: {took} ms, long tasks {browser.run('return longTasks.splice(0)')} ms")
            assert browser.uncaught() == []
        finally:
            browser.quit()
            service.discard()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
