"""The page while what brings it news is broken: its bar reaches its end, and nobody notices."""

import pytest

from breaks import BREAKS, Steered, run
from browser import browser  # noqa: F401
from service import CONTRACT


@pytest.mark.parametrize("name", BREAKS)
def test_a_bar_reaches_its_end_whatever_breaks(start, browser, tmp_path, name):
    steered = Steered(start, tmp_path)
    updates, final = run(name, steered, browser, CONTRACT)
    assert final["status"] == "completed"
    last = updates[-1]
    assert (last["status"], last["version"], last["progress"]) == ("completed", final["version"], 100)
    assert last["attempt"] == final["attempt"] == (2 if name == "the daemon killed" else 1)

    told = [update for update in updates if update["jobId"]]
    versions = [update["version"] for update in told]
    assert versions == sorted(set(versions)), "each state once, in order"
    for before, after in zip(updates, updates[1:]):
        assert after["progress"] >= before["progress"] or after["attempt"] > before["attempt"], (before, after)
    text = browser.run("return document.querySelector('job-upload').shadowRoot.textContent")
    assert "Completed" in text and "not found" not in text.lower()
    assert browser.uncaught() == []
