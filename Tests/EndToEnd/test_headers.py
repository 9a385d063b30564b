"""What answers carry beside their content, and what requests may say beside theirs."""

import pytest

from service import Stream
from test_bad_input import problem

ORIGIN = "https://app.example.com"


def test_answers_about_jobs_are_for_their_reader_alone(jobd):
    jobd.post("/api/jobs", {"jobId": "private"})
    for method, path in [
            ("GET", "/api/jobs/private"), ("GET", "/api/jobs/nobody"), ("GET", "/api/jobs"), ("POST", "/api/jobs"),
            ("GET", "/api/jobs/private/logs"), ("PATCH", "/api/jobs/private"), ("GET", "/api/queues")]:
        headers = jobd.request(method, path).headers
        assert headers["cache-control"] == "private, no-cache", (method, path)
        assert {"Origin", "Authorization"} <= set(headers["vary"].split(", ")), (method, path)
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
    tag = jobd.get("/api/openapi.json").headers["etag"]
    assert jobd.get("/api/openapi.json", headers={"If-None-Match": tag}).status == 304


def test_an_artifact_is_never_a_page_of_this_site(start):
    jobd = start("""
[[pipelines.file_processing.steps]]
name = "step"
run = ["sh", "-c", "cd $JOBD_OUTPUT_DIRECTORY; echo '<script>alert(1)</script>' >page.html; echo '<svg/>' >x.svg; echo ä >a.txt; printf 'a\\\\344b' >b.txt"]
""")
    job = jobd.process(b"text")
    done = jobd.wait(job["jobId"])
    types = {artifact["name"]: jobd.get(artifact["href"]).headers for artifact in done["artifacts"]}
    assert types["page.html"]["content-type"] == types["x.svg"]["content-type"] == "application/octet-stream", done
    assert types["a.txt"]["content-type"] == "text/plain; charset=utf-8"
    assert "utf-8" not in types["b.txt"]["content-type"]
    for headers in types.values():
        assert headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert headers["x-content-type-options"] == "nosniff" and headers["content-disposition"].startswith("attachment")
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_page_behind_a_proxy_that_changes_the_host_is_one_of_this_site(jobd):
    """A development proxy: the browser vouches for the page, whatever the addresses say."""
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:5173"}
    assert jobd.post("/api/jobs", {}, headers=headers).status == 201
    assert jobd.post("/api/files?name=a", b"x", headers=headers).status == 201
    del headers["Sec-Fetch-Site"]
    problem(jobd.post("/api/jobs", {}, headers=headers), 403, "forbidden")


def test_a_named_page_may_send_what_its_libraries_send_and_read_what_comes(start):
    jobd = start(f'[front]\nallowedOrigins = ["{ORIGIN}"]\n')
    names = "authorization, cache-control, traceparent, tracestate, x-requested-with, range, if-match, upload-offset"
    before = jobd.request("OPTIONS", "/api/files", headers={
        "Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": names})
    assert before.status == 204 and before.headers["access-control-allow-headers"] == names
    for method, path in [("GET", "/api/jobs/nobody"), ("GET", "/api/jobs/a/nothing"), ("DELETE", "/api/jobs/nobody")]:
        headers = jobd.request(method, path, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}).headers
        assert headers["access-control-allow-origin"] == ORIGIN, path
        exposed = headers["access-control-expose-headers"].split(", ")
        assert {"ETag", "Location", "Content-Range", "Content-Disposition", "Upload-Offset", "Jobd-File-Id"} <= set(exposed)
    assert "access-control-allow-origin" not in jobd.get("/api/jobs/nobody", headers={"Origin": "https://a.example"}).headers


@pytest.mark.parametrize("path", ["/api/jobs", "/api/files", "/api/file-manager/process"])
def test_packed_and_partial_bodies_are_refused(jobd, path):
    for name in ("gzip", "br", "identity, gzip"):
        problem(jobd.post(path, b"{}", headers={"Content-Encoding": name}), 415, "unsupported-media-type")
    problem(jobd.post(path, b"{}", headers={"Content-Range": "bytes 0-1/2"}), 400, "invalid-request")
    answer = jobd.post(path, b"{}", headers={"Content-Encoding": "identity", "Content-Type": "application/json"})
    assert answer.status in (200, 201, 400) and answer.status != 415


def test_a_change_rests_on_the_version_that_it_names(jobd):
    jobd.post("/api/jobs", {"jobId": "match"})
    old, present = {"If-Match": '"99"'}, {"If-Match": 'W/"7", "1"'}
    for method, path in [
            ("PATCH", "/api/jobs/match"), ("POST", "/api/jobs/match/cancel"), ("POST", "/api/jobs/match/retry"),
            ("POST", "/api/file-manager/process"), ("DELETE", "/api/jobs/match")]:
        body = {"jobId": "match", "fileIds": []} if path.endswith("process") else {} if method != "DELETE" else None
        for header in ('"99"', '"2", "3"', '""', "1"):
            problem(jobd.request(method, path, body, {"If-Match": header}), 412, "precondition-failed")
    missing = {"jobId": "missing", "fileIds": []}
    for header in ('"1"', '"1", "2"', "*"):
        problem(jobd.post("/api/file-manager/process", missing, headers={"If-Match": header}), 412, "precondition-failed")
    assert jobd.get("/api/jobs/missing").status == 404
    assert jobd.job("match")["version"] == 1
    assert jobd.request("PATCH", "/api/jobs/match", {"message": "x"}, present).status == 200
    problem(jobd.request("PATCH", "/api/jobs/match", {"message": "y"}, present), 412, "precondition-failed")
    assert jobd.request("PATCH", "/api/jobs/match", {"message": "y"}, {"If-Match": "*"}).status == 200
    assert jobd.post("/api/jobs/match/cancel", {}, headers={"If-Match": '"3"'}).json["status"] == "cancelled"
    problem(jobd.request("PATCH", "/api/jobs/nobody", {}, {"If-Match": "*"}), 404, "job-not-found")
    assert jobd.request("DELETE", "/api/jobs/match", headers=old).status == 412
    assert jobd.request("DELETE", "/api/jobs/match", headers={"If-Match": '"4"'}).status == 204


def test_a_stream_says_when_to_come_back_in_its_first_event(jobd):
    jobd.post("/api/jobs", {"jobId": "first"})
    for path in ("/api/jobs/first/stream", "/api/jobs/stream?ids=first"):
        response = Stream(jobd, path).response
        assert response.headers["Cache-Control"] == "no-store, no-transform"
        lines = []
        while line := response.readline().strip():
            lines.append(line.split(b":")[0])
        assert lines == [b"retry"] + ([] if "ids" in path else [b"id"]) + [b"data"], path
    many = ",".join(f"j{number}" for number in range(101))
    problem(jobd.get(f"/api/jobs/stream?ids={many}"), 400, "invalid-request", "/ids")
