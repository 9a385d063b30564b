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
