"""Large files from a real browser, while its network goes and comes back."""

import hashlib
import time

import pytest

from breaks import WATCH
from browser import browser  # noqa: F401
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


def network(browser, bytes_per_second=-1, offline=False):
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second})


def wait_for_end(jobd, browser, file):
    browser.wait("return updates.some(({ phase }) => phase === 'end')", "the end of the job")
    job = jobd.job(browser.run("return updates.at(-1).jobId"))
    assert job["status"] == "completed"
    assert job["files"][0]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    bar = browser.run("return updates.map(({ progress }) => progress)")
    assert bar == sorted(bar)


def test_a_large_file_goes_on_where_it_was_when_the_network_is_back(jobd, browser, large):
    browser.open(jobd, page_with(jobd, "<job-upload></job-upload>", "large.html"))
    browser.run(WATCH)
    network(browser, 6 * MIB)
    choose(browser, large)
    for progress, seconds in ((3, 1), (14, 10)):
        wait_for(lambda: browser.run(BAR) >= progress, "some of it")
        network(browser, offline=True)
        wait_for(lambda: "Connection lost" in browser.run(TEXT), "the word")
        time.sleep(seconds)
        network(browser, 6 * MIB)
    wait_for_end(jobd, browser, large)
    assert browser.uncaught() == []


def test_a_large_file_goes_on_after_a_reload_when_it_is_chosen_again(jobd, browser, large):
    browser.open(jobd, page_with(jobd, '<job-upload remember="large"></job-upload>', "reload.html"))
    network(browser, 6 * MIB)
    choose(browser, large)
    wait_for(lambda: browser.run(BAR) >= 14, "a piece")
    browser.refresh()
    wait_for(lambda: "Choose the file again" in browser.run(TEXT), "what is left of it")
    browser.run(WATCH)
    choose(browser, large)
    first = wait_for(lambda: browser.run(BAR), "its bar")
    assert first >= 11, "what has arrived is not sent again"
    wait_for_end(jobd, browser, large)
    assert "Choose the file again" not in browser.run(TEXT)
    assert browser.uncaught() == []
