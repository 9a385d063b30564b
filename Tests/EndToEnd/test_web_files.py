"""How nginx serves what browsers load."""

import gzip
import re
import subprocess

import pytest

from service import ROOT
from test_access import stranger  # noqa: F401
from test_bad_input import problem

WEB = ROOT / "Sources/Web"


@pytest.mark.parametrize("path", ["/jobd/jobd-client.js", "/jobd/job-status.js", "/jobd/job-upload.js", "/jobd/client/feed-worker.js", "/jobd/locales/de.js"])
def test_modules_are_for_every_page_and_asked_for_again(jobd, path):
    answer = jobd.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/javascript"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.body == (WEB / path.removeprefix("/jobd/")).read_bytes()
    assert jobd.get(path, headers={"If-None-Match": answer.headers["etag"]}).status == 304
    assert jobd.get(path, headers={"Accept-Encoding": "gzip"}).headers.get("content-encoding") == "gzip"


@pytest.mark.parametrize("path", ["/", "/jobs/", "/jobs/?status=failed", "/jobs/?job=a"])
def test_pages_allow_nothing_inline_and_nothing_from_elsewhere(jobd, path):
    answer = jobd.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "*" not in policy
    page = answer.body.decode()
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]* src=)", page)
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


def contrast(one, two):
    """As WCAG 2 defines it, from 1 to 21."""
    def luminance(colour):
        parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    dark, light = sorted([luminance(one), luminance(two)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("file", [
    "Sources/Web/demo/demo.css", "Sources/Web/dashboard/dashboard.css", "Sources/Web/elements/style.js", "config/site/theme/style.css"])
def test_what_is_written_stands_out(file):
    colours = {name: pair for name, *pair in re.findall(
        r"--_?(\w+): (?:var\(--jobd-\w+, )?light-dark\((#\w{6}), (#\w{6})\)", (ROOT / file).read_text())}
    grounds, words = [{name: colours[name] for name in names if name in colours} for names in (
        ("page", "surface", "hover"), ("text", "muted", "accent", "success", "danger", "warning"))]
    assert grounds and len(words) >= 3
    weak = [(ground, word) for ground, below in grounds.items() for word, above in words.items()
            for one, two in zip(below, above) if contrast(one, two) < 4.5]
    assert weak == []


def test_the_executable_carries_every_file(jobd):
    carried = {str(file.relative_to(jobd.directory / "web")): file.read_bytes()
               for file in (jobd.directory / "web").rglob("*") if file.is_file()}
    bundle = carried.pop("jobd.js")
    assert carried == {str(file.relative_to(WEB)): file.read_bytes() for file in WEB.rglob("*") if file.is_file()}
    assert bundle == subprocess.run(["sh", ROOT / "Sources/WebFiles/bundle.sh", WEB], stdout=subprocess.PIPE, check=True).stdout
    assert sum(map(len, carried.values())) < 400_000 and len(gzip.compress(bundle)) < 40_000


def test_addresses_that_are_none(jobd):
    for path in ("/jobd/", "/jobd/nothing.js", "/jobd/dashboard/index.html", "/jobs/nothing", "/nothing", "/jobd/../jobd.toml"):
        assert jobd.get(path).status in (400, 403, 404), path
    problem(jobd.get("/jobd/nothing.js"), 404, "not-found")
    answer = jobd.get("/jobs")
    assert (answer.status, answer.headers["location"]) == (308, "/jobs/")


def test_files_are_for_all_and_what_the_dashboard_shows_for_operators(stranger):
    for path in ("/jobs/", "/jobs/main.js", "/jobd/jobd-client.js"):
        assert stranger.get(path).status == 200
    for path in ("/api/jobs", "/api/jobs/stream", "/api/queues", "/api/stats"):
        problem(stranger.get(path), 403, "forbidden")
