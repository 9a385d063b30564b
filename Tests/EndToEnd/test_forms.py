"""Uploads as forms (multipart/form-data), as a browser sends them."""

import base64
import hashlib
import json

import pytest

from service import CONTRACT
from test_bad_input import problem, stored

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


def form(*parts, end=True):
    """A body of parts: (name, content) for a field, (name, content, file name) for a file."""
    body = b""
    for name, content, *file_name in parts:
        disposition = f'form-data; name="{name}"' + "".join(f'; filename="{text}"' for text in file_name)
        body += f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n".encode()
        body += b"Content-Type: application/octet-stream\r\n" if file_name else b""
        body += b"\r\n" + (content if isinstance(content, bytes) else content.encode()) + b"\r\n"
    return body + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


def send(jobd, path, body, **headers):
    return jobd.post(path, body, headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers})


def test_several_files_are_stored_in_their_order(jobd):
    contents = [CONTRACT.read_bytes(), b"", b"line\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n", bytes(range(256)) * 2000]
    parts = [("files", content, f"{number}.bin") for number, content in enumerate(contents)]
    answer = send(jobd, "/api/files", form(*parts))
    assert answer.status == 201, answer
    files = answer.json["files"]
    assert [file["name"] for file in files] == ["0.bin", "1.bin", "2.bin", "3.bin"]
    for file, content in zip(files, contents):
        assert file["size"] == len(content) and file["sha256"] == hashlib.sha256(content).hexdigest()
        assert jobd.get(f"/api/files/{file['fileId']}").json == file


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]])
def test_a_form_is_processed_whatever_the_order_of_its_fields(jobd, order):
    job_id = "form-" + "".join(map(str, order))
    parts = [
        ("jobId", job_id), ("message", "Über"), ("metadata", '{"n": 1.0}'), ("jobType", "file_processing"),
        ("upload", CONTRACT.read_bytes(), "Vertrag %22 1.pdf")]
    answer = send(jobd, "/api/file-manager/process", form(*[parts[index] for index in order]))
    assert answer.status == 202, answer
    job = answer.json
    assert (job["jobId"], job["message"], job["metadata"]) == (job_id, "Über", {"n": 1.0})
    assert [file["name"] for file in job["files"]] == ['Vertrag " 1.pdf']
    assert jobd.wait(job_id)["result"]["pages"] == 10
    # The same again changes nothing, and what came for it goes.
    before = stored(jobd)
    again = send(jobd, "/api/file-manager/process", form(*parts))
    assert (again.status, again.json["version"]) == (200, jobd.job(job_id)["version"])
    assert wait_until_stored(jobd, before)


def test_a_form_for_a_job_that_runs_other_files_is_refused_and_leaves_nothing(jobd):
    done = jobd.wait(jobd.process(job_id="other-files")["jobId"])
    before = stored(jobd)
    answer = send(jobd, "/api/file-manager/process", form(("jobId", done["jobId"]), ("f", b"x", "x.txt")))
    problem(answer, 409, "job-conflict")
    assert wait_until_stored(jobd, before)


@pytest.mark.parametrize("fields, pointer", [
    ([("jobId", "a b")], "/jobId"),
    ([("JobID", "a")], "/JobID"),
    ([("metadata", "{")], "/metadata"),
    ([("metadata", "[1]")], "/metadata"),
    ([("message", "a"), ("message", "b")], "/message"),
    ([("message", b"\xff")], "/message"),
])
def test_a_field_that_means_something_must_be_right(jobd, fields, pointer):
    before = stored(jobd)
    answer = send(jobd, "/api/file-manager/process", form(*fields, ("f", b"x", "x")))
    problem(answer, 400, "invalid-request", pointer)
    assert wait_until_stored(jobd, before)


@pytest.mark.parametrize("fields", [
    [("filepond", "{}")], [("name", "a.txt"), ("type", "text/plain")], [("_csrf", "x"), ("_csrf", "y")],
    [("submit", ""), ("MAX_FILE_SIZE", "1"), ("qquuid", b"\xff")]])
@pytest.mark.parametrize("path, status", [("/api/files", 201), ("/api/file-manager/process", 202)])
def test_fields_of_libraries_and_pages_mean_nothing(jobd, path, status, fields):
    answer = send(jobd, path, form(*fields, ("f", b"x", "x"), *fields))
    assert answer.status == status and [file["size"] for file in answer.json["files"]] == [1], answer


@pytest.mark.parametrize("written, name", [
    (r'say \"hi\".txt', 'say "hi".txt'), (r'a\\b\".txt', 'b".txt'), ("a%22b.txt", 'a"b.txt')])
def test_quotes_in_a_name_are_read_as_they_were_escaped(jobd, written, name):
    [file] = send(jobd, "/api/files", form(("f", b"x", written))).json["files"]
    assert file["name"] == name


@pytest.mark.parametrize("body, code, pointer", [
    (form(("jobId", "without")), "invalid-request", "/fileIds"),
    (form(("f", b"", "")), "invalid-request", "/fileIds"),
    (form(("f", b"x", "x"), end=False), "invalid-request", None),
    (form(("f", b"x", "x"))[:-30], "invalid-request", None),
    (b"", "invalid-request", None),
    (b"nonsense", "invalid-request", None),
    (form(*[("f", b"", f"{number}") for number in range(101)]), "invalid-request", None),
    (form(*[("f", b"x", "x")] * 10_000), "invalid-request", None),
    (form(("f" * 9000, b"x", "x")), "invalid-request", None),
])
@pytest.mark.parametrize("path", ["/api/file-manager/process", "/api/files"])
def test_a_wrong_form_leaves_nothing(jobd, path, body, code, pointer):
    before = stored(jobd)
    problem(send(jobd, path, body), 400, code, pointer if path.endswith("process") else None)
    assert wait_until_stored(jobd, before)


def test_a_form_without_a_boundary(jobd):
    problem(jobd.post("/api/files", b"x", headers={"Content-Type": "multipart/form-data"}), 400, "invalid-request")


def test_large_fields_are_refused(jobd):
    answer = send(jobd, "/api/file-manager/process", form(("message", "x" * (1 << 20) + "x"), ("f", b"x", "x")))
    problem(answer, 413, "payload-too-large")


def test_a_digest_of_the_whole_form_is_compared(jobd):
    body = form(("f", b"x", "x"))
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert send(jobd, "/api/files", body, **{"Repr-Digest": f"sha-256=:{digest}:"}).status == 201
    before = stored(jobd)
    wrong = base64.b64encode(bytes(32)).decode()
    problem(send(jobd, "/api/files", body, **{"Repr-Digest": f"sha-256=:{wrong}:"}), 400, "digest-mismatch")
    assert wait_until_stored(jobd, before)


def test_an_upload_that_would_fill_the_disk_is_refused_before_it_begins(start):
    jobd = start("[storage]\nminimumFreeBytes = 9007199254740992\n")
    for answer in (jobd.post("/api/files", b"x"), send(jobd, "/api/files", form(("f", b"x", "x")))):
        problem(answer, 507, "storage-full")
        assert int(answer.headers["retry-after"]) > 0
    assert stored(jobd) == []


def test_json_is_still_taken_and_still_bounded(jobd):
    answer = jobd.post("/api/file-manager/process", json.dumps({"fileIds": []}))
    assert answer.status == 202, answer


def wait_until_stored(jobd, files):
    from service import wait_for

    return wait_for(lambda: stored(jobd) == files, "the removal of files") or True
