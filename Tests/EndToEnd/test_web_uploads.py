"""Large files from a real browser, while its network goes and comes back."""

import hashlib
import time

import pytest

from breaks import WATCH
from browser import ENGINE, browser  # noqa: F401
from line import Line
from service import wait_for
from test_web_elements import choose, page_with

MIB = 1024 * 1024
INSIDE = "document.querySelector('job-upload').shadowRoot"
TEXT = f"return {INSIDE}.textContent"
BAR = f"return Number({INSIDE}.querySelector('li [role=progressbar]')?.getAttribute('aria-valuenow') ?? 0)"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    file = tmp_path_factory.mktemp("large") / "large.txt"
    file.write_bytes(b"All work and no play.\n" * (20 * MIB // 22))
    return file


@pytest.fixture
def line(jobd):
    """The way of the browser to the service, slow enough that a large file takes some seconds."""
    line = Line(jobd.port)
    line.bytes_per_second = 2 * MIB
    yield line
    line.break_off()


def tell(browser, is_offline):
    """Chromium hears of its network as from a system."""
    if ENGINE == "chromium":
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})


def wait_for_end(jobd, browser, file):
    browser.wait("return updates.some(({ phase }) => phase === 'end')", "the end of the job")
    job = jobd.job(browser.run("return updates.at(-1).jobId"))
    assert job["status"] == "completed"
    assert job["files"][0]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    bar = browser.run("return updates.map(({ progress }) => progress)")
    assert bar == sorted(bar)


def test_a_large_file_goes_on_where_it_was_when_the_network_is_back(jobd, browser, line, large):
    browser.open(line, page_with(jobd, "<job-upload></job-upload>", "large.html"))
    browser.run(WATCH)
    choose(browser, large)
    for progress, seconds in ((3, 1), (14, 10)):
        wait_for(lambda: browser.run(BAR) >= progress, "some of it")
        line.break_off()
        tell(browser, is_offline=True)
        wait_for(lambda: "Connection lost" in browser.run(TEXT), "the word")
        time.sleep(seconds)
        line.mend()
        tell(browser, is_offline=False)
    line.bytes_per_second = 6 * MIB
    wait_for_end(jobd, browser, large)
    assert browser.uncaught() == []


@pytest.mark.parametrize("loss", [Line.break_off, Line.silence])
def test_a_minute_without_a_network_costs_a_minute(start, browser, large, full, loss):
    """Nothing comes through, whether that is said or not; then the upload goes on, and the bar has the news."""
    if not full:
        pytest.skip("takes minutes")
    jobd = start()
    line = Line(jobd.port)
    line.bytes_per_second = 4 * MIB
    jobd.post("/api/jobs", {"jobId": "import", "jobType": "import"})
    jobd.request("PATCH", "/api/jobs/import", {"status": "processing", "progress": 10})
    browser.open(line, page_with(jobd, "<job-upload></job-upload><job-status job-id='import'></job-status>", "minute.html"))
    browser.run(WATCH)
    browser.wait("return document.querySelector('job-status').job?.progress === 10", "the job")
    choose(browser, large)
    wait_for(lambda: browser.run(BAR) >= 5, "some of it")
    loss(line)
    time.sleep(60)
    jobd.request("PATCH", "/api/jobs/import", {"status": "completed", "result": {"rows": 7}})
    line.mend()
    browser.wait("return document.querySelector('job-status').job.status === 'completed'", "the news")
    # The job of the file begins with its last byte.
    job_id = browser.wait("return updates.find(({ jobId }) => jobId && jobId !== 'import')?.jobId", "the end of the upload")
    assert jobd.job(job_id)["files"][0]["sha256"] == hashlib.sha256(large.read_bytes()).hexdigest()
    assert browser.uncaught() == []
    line.break_off()


def test_a_large_file_goes_on_after_a_reload_when_it_is_chosen_again(jobd, browser, line, large):
    browser.open(line, page_with(jobd, '<job-upload remember="large"></job-upload>', "reload.html"))
    choose(browser, large)
    wait_for(lambda: browser.run(BAR) >= 14, "a piece")
    browser.refresh()
    line.bytes_per_second = 6 * MIB
    wait_for(lambda: "Choose the file again" in browser.run(TEXT), "what is left of it")
    browser.run(WATCH)
    choose(browser, large)
    first = wait_for(lambda: browser.run(BAR), "its bar")
    assert first >= 11, "what has arrived is not sent again"
    wait_for_end(jobd, browser, large)
    assert "Choose the file again" not in browser.run(TEXT)
    assert browser.uncaught() == []
