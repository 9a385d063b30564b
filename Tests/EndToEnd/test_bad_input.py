"""What bad input gets: a clear error, and nothing lost or half made."""

import base64
import http.client
import json
import random
import pathlib
import select
import socket
import urllib.parse

import pytest

from service import CONTRACT, HAS_OWN_ERRORS, WEB, Response, one_step, wait_for


def problem(answer, status, code, pointer=None):
    """Checks that an answer is a problem of this kind, and that it says something."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json["status"], answer.json["code"]) == (status, code), answer
    assert answer.json["type"] and answer.json["title"] and len(answer.json["detail"]) > 10
    if pointer is not None:
        assert answer.json["pointer"] == pointer, answer


def nested(depth, opening="[", closing="]"):
    return opening * depth + closing * depth


@pytest.mark.parametrize("job_id", [
    "", " ", "-a", ".a", "a b", "a/b", "a\n", "é", "a" * 129, "stream", 7, ["a"], {"a": 1}, "a\0b", "../a"])
def test_an_id_outside_the_grammar(jobd, job_id):
    problem(jobd.post("/api/jobs", {"jobId": job_id}), 400, "invalid-request", "/jobId")


@pytest.mark.parametrize("path", ["a%20b", "%2e%2e", "a%00b", "a" * 129, "%ff", "%zz"])
def test_a_path_that_names_no_job(jobd, path):
    answer = jobd.get(f"/api/jobs/{path}")
    assert answer.status in (400, 404), answer
    assert HAS_OWN_ERRORS or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [
    "{", "nonsense", "{]", '{"a":1,}', "[]", "7", "null ", '"text"', '{"jobId":"a"}{}', b'{"message":"\xff"}', '{"message":"\\ud800"}',
    '{"jobId":"a","jobId":"b"}', nested(100_000), '{"metadata":' * 50_000, "NaN", "'a'"])
def test_a_body_that_is_no_json_object(jobd, body):
    problem(jobd.post("/api/jobs", body, headers={"Content-Type": "application/json"}), 400, "invalid-request")


@pytest.mark.parametrize("body, pointer", [
    ({"unknown": 1}, "/unknown"),
    ({"a/b~c": 1}, "/a~1b~0c"),
    ({"status": "completed"}, "/status"),
    ({"jobType": 1}, "/jobType"),
    ({"jobType": ""}, "/jobType"),
    ({"message": "x" * 1025}, "/message"),
    ({"message": "a\0b"}, "/message"),
    ({"metadata": []}, "/metadata"),
    ({"metadata": {"a": "x" * 65_536}}, "/metadata"),
    ({"metadata": json.loads(nested(64, '{"a":', "}").replace(":}", ":1}")) and {"a": json.loads(nested(64))}}, "/metadata"),
    ({"queue": "nowhere"}, "/queue"),
    ({"priority": 101}, "/priority"),
    ({"priority": -101}, "/priority"),
    ({"priority": 1.5}, "/priority"),
    ({"priority": "1"}, "/priority"),
    ({"maxAttempts": 0}, "/maxAttempts"),
    ({"maxAttempts": 10**30}, "/maxAttempts"),
    ({"delaySeconds": -1}, "/delaySeconds"),
    ({"runAt": "tomorrow"}, "/runAt"),
    ({"runAt": "2026-13-01T00:00:00Z"}, "/runAt"),
    ({"fileIds": "a"}, "/fileIds"),
    ({"fileIds": [1]}, "/fileIds/0"),
    ({"fileIds": ["../a"]}, "/fileIds/0"),
    ({"onConflict": "replace"}, "/onConflict"),
    ({"after": [f"job-{number}" for number in range(101)]}, "/after"),
])
def test_a_field_that_is_wrong_is_named(jobd, body, pointer):
    problem(jobd.post("/api/jobs", body), 400, "invalid-request", pointer)


def test_two_moments_contradict_each_other(jobd):
    problem(jobd.post("/api/jobs", {"runAt": "2027-01-01T00:00:00Z", "delaySeconds": 1}), 400, "invalid-request")


def test_limits_are_taken_exactly(jobd):
    deepest = json.loads(nested(63))
    metadata = {"a": deepest}
    answer = jobd.post("/api/jobs", {
        "jobId": "a" * 128, "message": "x" * 1024, "metadata": metadata, "priority": 100, "maxAttempts": 1000})
    assert answer.status == 201, answer
    assert jobd.get("/api/jobs/" + "a" * 128).json["metadata"] == metadata


def test_numbers_stay_what_they_were(jobd):
    text = '{"a":1.0,"b":10000000000000000000001,"c":1e400,"d":-0,"e":"\\u00e9"}'
    answer = jobd.post("/api/jobs", f'{{"metadata": {text} }}', headers={"Content-Type": "application/json"})
    assert b'{"a":1.0,"b":10000000000000000000001,"c":1e400,"d":-0,"e":"\xc3\xa9"}' in answer.body


def test_more_than_a_mebibyte_of_json(jobd):
    body = json.dumps({"metadata": {"a": "x" * (1 << 20)}})
    problem(jobd.post("/api/jobs", body), 413, "payload-too-large")
    problem(jobd.post("/api/file-manager/process", body + " " * (1 << 20)), 413, "payload-too-large")


def test_an_unknown_route_and_a_wrong_method(jobd):
    problem(jobd.get("/api/jobs/a/nothing"), 404, "not-found")
    if not HAS_OWN_ERRORS:
        for path in ("/nothing", "/api/nothing", "/api", "/jobd/", "/jobd/nothing.js"):
            problem(jobd.get(path), 404, "not-found")
    answer = jobd.request("PUT", "/api/jobs/a")
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "PATCH", "DELETE"}


def test_files_that_nobody_uploaded(jobd):
    for path in ("/api/jobs", "/api/file-manager/process"):
        problem(jobd.post(path, {"fileIds": ["file_1_0000000000000000"]}), 404, "file-not-found", "/fileIds/0")
    problem(jobd.post("/api/file-manager/process", {"jobId": "without"}), 400, "invalid-request", "/fileIds")
    problem(jobd.get("/api/files/file_1_0000000000000000"), 404, "file-not-found")
    problem(jobd.get("/api/jobs/without"), 404, "job-not-found")


# Uploads


def stored(jobd):
    """What there is on the disk of uploads, finished or not."""
    files = jobd.directory / "data/files"
    return sorted(path.relative_to(files) for path in files.rglob("*") if path.is_file())


def test_a_wrong_digest_stores_nothing(jobd):
    before = stored(jobd)
    wrong = base64.b64encode(bytes(32)).decode()
    problem(
        jobd.post("/api/files", b"content", headers={"Repr-Digest": f"sha-256=:{wrong}:"}), 400, "digest-mismatch")
    problem(jobd.post("/api/files", b"content", headers={"Repr-Digest": "sha-256=:short:"}), 400, "invalid-request")
    wait_for(lambda: stored(jobd) == before, "its removal")


def test_an_upload_that_is_cut_off_leaves_nothing(jobd):
    before = stored(jobd)
    with socket.create_connection(("127.0.0.1", jobd.port)) as connection:
        connection.sendall(
            b"POST /api/files?name=a.pdf HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 300_000)
        wait_for(lambda: len(stored(jobd)) > len(before), "the beginning of the upload")
    wait_for(lambda: stored(jobd) == before, "its removal")


def test_an_upload_above_the_limit_stores_nothing(start):
    jobd = start("[front]\nmaxUploadBytes = 1000\n")
    assert jobd.upload(b"x" * 1000)["size"] == 1000
    before = stored(jobd)
    problem(jobd.post("/api/files", b"x" * 1001), 413, "payload-too-large")
    connection = jobd.connection()
    connection.request("POST", "/api/files", iter([b"x" * 600, b"x" * 600]), encode_chunked=True)
    response = connection.getresponse()
    # lighttpd passes no body on whose length it does not know; by then it may know it, or not.
    assert response.status in ((411, 413) if WEB == "lighttpd" else (413,)), response.read()
    connection.close()
    wait_for(lambda: stored(jobd) == before, "its removal")


@pytest.mark.parametrize("name, kept", [
    ("../../etc/passwd", "passwd"),
    ("..", "file"),
    ("", "file"),
    ("a\0b.pdf", "ab.pdf"),
    ("a\nb\r\n.pdf", "ab.pdf"),
    ("C:\\Users\\me\\a.pdf", "a.pdf"),
    ("Übergröße 1.pdf", "Übergröße 1.pdf"),
    ("\u202egnp.exe", "gnp.exe"),
    ("نامه\u200cها.pdf", "نامه\u200cها.pdf"),
    ("👨\u200d👩\u200d👧 \U0001faea.jpg", "👨\u200d👩\u200d👧 \U0001faea.jpg"),
    ("x" * 4000 + ".pdf", None),
])
def test_a_file_name_is_never_a_path(jobd, name, kept):
    answer = jobd.post("/api/files?name=" + urllib.parse.quote(name, safe=""), b"content")
    assert answer.status == 201, answer
    shown = answer.json["name"]
    assert len(shown.encode()) <= 255 and not set(shown) & set("/\\\0\n\r")
    if kept is None:
        assert shown.endswith("x.pdf")
    else:
        assert shown == kept
    content = jobd.directory / "data/files" / answer.json["fileId"]
    assert content.read_bytes() == b"content" and content.stat().st_mode & 0o777 == 0o400


def test_an_empty_file_is_a_file(jobd):
    answer = jobd.post("/api/files?name=empty.pdf", b"")
    assert answer.status == 201 and answer.json["size"] == 0
    job_id = jobd.post("/api/file-manager/process", {"fileIds": [answer.json["fileId"]]}).json["jobId"]
    job = jobd.wait(job_id)
    assert (job["status"], job["artifacts"]) == ("completed", []), job


def test_bodies_that_never_come_hold_nobody_up(start):
    """More of each kind than a front has threads that accept."""
    jobd = start(fronts=1)
    heads = [
        b"POST /api/file-manager/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
        b"POST /api/file-manager/process HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        b"PUT /api/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nx",
        b"GET /api/files HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
        b"POST /api/files HTTP/1.1\r\nHost: localhost\r\nOrigin: https://b\r\nContent-Length: 900\r\n\r\nx",
    ]
    connections = []
    for head in heads * 10:
        connections.append(socket.create_connection(("127.0.0.1", jobd.port)))
        connections[-1].sendall(head)
    for _ in range(20):
        assert jobd.get("/api/jobs/none").status == 404
    # Those that wait for a body still do: nothing had to time out first.
    kinds = 1 if WEB == "lighttpd" else 2
    waiting = [connection for number, connection in enumerate(connections) if number % len(heads) < kinds]
    assert select.select(waiting, [], [], 0)[0] == []
    for connection in connections:
        connection.close()


# Processing


@pytest.mark.parametrize("content, status", [
    (CONTRACT.read_bytes()[:2000], "failed"),
    (b"%PDF-1.4\n" + random.Random(1).randbytes(5000), "failed"),
    (b"This is no PDF, whatever its name says.\n", "completed"),
    (random.Random(2).randbytes(10_000), "completed"),
])
def test_a_pdf_that_is_none(jobd, content, status):
    """What begins like a PDF is tried and fails by name; everything else is inspected and left alone."""
    job = jobd.wait(jobd.process(content)["jobId"])
    assert job["status"] == status, job
    if status == "failed":
        assert (job["error"]["code"], job["error"]["step"]) == ("damaged-file", "extract-text"), job
        assert job["error"]["exitCode"] > 0 and job["error"]["message"]
        lines = jobd.get(f"/api/jobs/{job['jobId']}/logs").json["lines"]
        assert any(line["stream"] == "stderr" for line in lines)
    else:
        assert job["error"] is None and job["artifacts"] == []
    assert list((jobd.directory / "data/runs").iterdir()) == []


def test_a_program_that_is_missing(start):
    jobd = start(one_step('run = ["no-such-pdftotext", "{input}"]'))
    assert jobd.get("/api/health/ready").status == 200
    job = jobd.wait(jobd.process()["jobId"])
    assert (job["status"], job["error"]["code"], job["error"]["step"]) == ("failed", "missing-program", "step"), job
    assert "no-such-pdftotext" in job["error"]["message"]


def test_an_uploaded_file_that_has_changed_is_not_processed(jobd):
    file = jobd.upload(b"content")
    path = pathlib.Path(jobd.directory / "data/files" / file["fileId"])
    path.chmod(0o640)
    path.write_bytes(b"CONTENT")
    job = jobd.post("/api/file-manager/process", {"fileIds": [file["fileId"]]}).json
    job = jobd.wait(job["jobId"])
    assert job["status"] == "failed" and job["error"]["step"] == "inspect", job


@pytest.mark.skipif(HAS_OWN_ERRORS, reason="nginx's own errors")
@pytest.mark.parametrize("request_text, status, code", [
    (b"GET /api/jobs/" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "invalid-request"),
    (b"GET /api/jobs HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 10_000 + b"\r\n\r\n", 400, "invalid-request"),
    (b"GET /api/jobs HTTP/1.1\r\n\r\n", 400, "invalid-request"),
    (b"GET / \xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid-request"),
    (b"TRACE /api/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "method-not-allowed"),
    (b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n", 413, "payload-too-large"),
    (b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400, "invalid-request"),
    (b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "invalid-request"),
])
def test_what_nginx_itself_refuses_looks_the_same(jobd, request_text, status, code):
    with socket.create_connection(("127.0.0.1", jobd.port)) as connection:
        connection.sendall(request_text)
        response = http.client.HTTPResponse(connection)
        response.begin()
        problem(Response(response), status, code)
