"""Resumable uploads: each rule of tus 1.0.0, and what jobd promises besides."""

import concurrent.futures
import contextlib
import hashlib
import os
import random
import re
import signal

import pytest

from service import Service, is_alive, wait_for
from test_bad_input import problem
from tus import PIECE, VERSION, Tus, checksum, metadata

CONTENT = bytes(random.Random(1).randbytes(300_000))


@pytest.fixture(scope="module")
def service():
    service = Service(
        '[front]\nmaxUploadBytes = 10000000\nallowedOrigins = ["https://app.example.com"]\n'
        '[[pipelines.file_processing.steps]]\nname = "inspect"\nuse = "inspect"\n')
    yield service.start()
    service.discard()


@pytest.fixture
def tus(service):
    return Tus(service)


def file(service, file_id):
    return service.get(f"/api/files/{file_id}")


# Core


def test_a_file_comes_in_pieces_and_is_a_file_with_the_last_one(service, tus):
    answer = tus.create(len(CONTENT), Upload_Metadata=metadata(filename="../a b.txt", filetype="text/plain"))
    assert answer.status == 201 and answer.headers["upload-offset"] == "0"
    assert answer.headers["tus-resumable"] == "1.0.0" and "upload-expires" in answer.headers
    url = answer.headers["location"]
    upload = url.rsplit("/", 1)[1]
    assert url == f"/api/uploads/{upload}"
    for start in range(0, len(CONTENT), 100_000):
        problem(file(service, upload), 404, "file-not-found")
        assert tus.offset(url) == start
        answer = tus.patch(url, start, CONTENT[start:start + 100_000])
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["upload-offset"] == str(min(start + 100_000, len(CONTENT)))
        assert ("upload-expires" in answer.headers) == ("jobd-file-id" not in answer.headers)
    assert answer.headers["jobd-file-id"] == upload
    described = file(service, upload).json
    assert described["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert (described["size"], described["name"]) == (len(CONTENT), "a b.txt")
    finished = tus.head(url)
    assert finished.status == 200 and finished.headers["jobd-file-id"] == upload
    assert finished.headers["upload-offset"] == finished.headers["upload-length"] == str(len(CONTENT))
    assert "upload-expires" not in finished.headers


def test_head_tells_all_and_is_not_kept_by_caches(tus):
    text = metadata(filename="ä.pdf", note="") + ",flag"
    url = tus.begin(10, Upload_Metadata=text)
    tus.patch(url, 0, b"abc")
    answer = tus.head(url)
    assert answer.status == 200 and answer.body == b""
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["upload-offset"] == "3" and answer.headers["upload-length"] == "10"
    assert answer.headers["upload-metadata"] == text
    assert "upload-concat" not in answer.headers and "upload-defer-length" not in answer.headers
    assert tus.request("GET", url, headers=VERSION).headers["upload-offset"] == "3"
    long = metadata(note="x" * 5000)
    assert tus.head(tus.begin(10, Upload_Metadata=long)).headers["upload-metadata"] == long
    plain = tus.head(tus.begin(10))
    assert "upload-metadata" not in plain.headers


def test_options_say_what_there_is(tus):
    for path in ("/api/uploads", "/api/uploads/file_1"):
        answer = tus.request("OPTIONS", path)
        assert answer.status in (200, 204)
        assert answer.headers["tus-resumable"] == answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-max-size"] == "10000000"
        assert set(answer.headers["tus-checksum-algorithm"].split(",")) == {"sha1", "sha256"}
        assert set(answer.headers["tus-extension"].split(",")) == {
            "creation", "creation-with-upload", "creation-defer-length", "checksum", "expiration", "termination",
            "concatenation"}


def test_another_version_is_refused_and_changes_nothing(service, tus):
    url = tus.begin(3)
    for version in ({}, {"Tus-Resumable": "0.2.2"}, {"Tus-Resumable": "1.0.1"}, {"Tus-Resumable": ""}):
        for method, path in (("POST", "/api/uploads"), ("HEAD", url), ("PATCH", url), ("DELETE", url)):
            headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0", "Upload-Length": "1"}
            body = b"abc" if method == "PATCH" else None
            answer = service.request(method, path, body, headers={**headers, **version})
            assert answer.status == 412 and answer.headers["tus-version"] == "1.0.0", (method, version)
            if method != "HEAD":
                problem(answer, 412, "precondition-failed")
    assert tus.offset(url) == 0


def test_another_offset_conflicts_and_changes_nothing(tus):
    url = tus.begin(10)
    for offset in ("1", "10", "11", "99999999999999999999999"):
        answer = tus.patch(url, offset, b"x")
        problem(answer, 409, "offset-conflict")
        assert answer.json["offset"] == 0
    assert tus.patch(url, 0, b"abc").status == 204
    problem(tus.patch(url, 0, b"abc"), 409, "offset-conflict")
    assert tus.offset(url) == 3
    for offset in ("-1", "x", "1.0", "0x3", "3 3", " "):
        problem(tus.patch(url, offset, b"x"), 400, "invalid-request")
    problem(tus.request("PATCH", url, b"x", PIECE), 400, "invalid-request")
    assert tus.patch(url, 3, b"").headers["upload-offset"] == "3"


def test_a_piece_has_its_own_type(tus):
    url = tus.begin(10)
    for kind in ("application/octet-stream", "text/plain", "multipart/form-data; boundary=x", ""):
        problem(tus.patch(url, 0, b"abc", Content_Type=kind), 415, "unsupported-media-type")
    problem(tus.patch(url, 0, b"abc", Content_Encoding="gzip"), 415, "unsupported-media-type")
    assert tus.offset(url) == 0
    assert tus.patch(url, 0, b"abc", Content_Type="Application/Offset+Octet-Stream").status == 204


def test_more_than_was_announced_is_refused(tus):
    url = tus.begin(5)
    problem(tus.patch(url, 0, b"123456"), 413, "payload-too-large")
    assert tus.offset(url) == 0
    assert tus.patch(url, 0, b"123").status == 204
    problem(tus.patch(url, 3, b"456"), 413, "payload-too-large")
    done = tus.patch(url, 3, b"45")
    assert done.headers["upload-offset"] == "5"
    problem(tus.patch(url, 5, b"6"), 413, "payload-too-large")
    problem(tus.patch(url, 4, b""), 409, "offset-conflict")
    again = tus.patch(url, 5, b"")
    assert (again.status, again.headers["jobd-file-id"]) == (204, done.headers["jobd-file-id"])


def test_what_is_not_there_is_not_found(service, tus):
    for url in ("/api/uploads/file_1", "/api/uploads/a%20b", "/api/uploads/" + "a" * 200):
        assert tus.head(url).status == 404
        assert "upload-offset" not in tus.head(url).headers
        for answer in (tus.patch(url, 0, b"x"), tus.delete(url)):
            assert answer.status in (400, 404), answer
            assert answer.headers["tus-resumable"] == "1.0.0"
    problem(service.get("/api/uploads/a/b", headers=VERSION), 404, "not-found")
    problem(tus.request("PUT", "/api/uploads/file_1", b"", VERSION), 405, "method-not-allowed")
    problem(tus.request("GET", "/api/uploads", headers=VERSION), 405, "method-not-allowed")


def test_the_method_may_stand_in_a_header(service, tus):
    url = tus.begin(3)
    override = lambda method, body, **headers: tus.request(
        "POST", url, body, {**PIECE, "X-HTTP-Method-Override": method, **headers})
    assert override("PATCH", b"ab", **{"Upload-Offset": "0"}).status == 204
    head = override("HEAD", b"")
    assert (head.status, head.headers["upload-offset"]) == (200, "2")
    assert override("DELETE", b"").status == 204
    assert tus.head(url).status == 404
    problem(service.post("/api/jobs/a", {}, headers={"X-HTTP-Method-Override": "DELETE"}), 405, "method-not-allowed")


# Creation


def test_a_creation_says_how_long_it_will_be(tus):
    for headers in ({}, {"Upload_Length": "-1"}, {"Upload_Length": "1x"}, {"Upload_Defer_Length": "0"},
                    {"Upload_Defer_Length": "2"}, {"Upload_Length": "1", "Upload_Defer_Length": "1"},
                    {"Upload_Length": "1", "Upload_Metadata": "a !"}, {"Upload_Length": "1", "Upload_Concat": "x"},
                    {"Upload_Length": "1", "Upload_Metadata": "a YQ==,a YQ=="}):
        problem(tus.create(**headers), 400, "invalid-request")
    for length in ("10000001", "9223372036854775807", "9223372036854775808", "9" * 100):
        problem(tus.create(Upload_Length=length), 413, "payload-too-large")
    assert tus.create(10_000_000).status == 201


def test_nothing_is_a_file_at_once(service, tus):
    answer = tus.create(0, Upload_Metadata=metadata(filename="none"))
    assert answer.status == 201 and answer.headers["upload-offset"] == "0"
    described = file(service, answer.headers["jobd-file-id"]).json
    assert (described["size"], described["name"]) == (0, "none")
    assert described["sha256"] == hashlib.sha256(b"").hexdigest()


def test_the_first_bytes_may_come_with_the_creation(service, tus):
    answer = tus.create(5, b"abc")
    assert answer.status == 201 and answer.headers["upload-offset"] == "3"
    assert tus.patch(answer.headers["location"], 3, b"de").status == 204
    answer = tus.create(5, b"abcde")
    assert file(service, answer.headers["jobd-file-id"]).json["sha256"] == hashlib.sha256(b"abcde").hexdigest()
    problem(tus.request("POST", "/api/uploads", b"abc", {**VERSION, "Upload-Length": "3"}), 415,
            "unsupported-media-type")
    problem(tus.create(2, b"abc"), 413, "payload-too-large")
    problem(tus.create(3, b"abc", Upload_Checksum=checksum(b"abd")), 460, "checksum-mismatch")
    assert tus.create(3, b"abc", Upload_Checksum=checksum(b"abc")).headers["upload-offset"] == "3"


def test_the_length_may_follow(service, tus):
    url = tus.begin(Upload_Defer_Length="1")
    head = tus.head(url)
    assert head.headers["upload-defer-length"] == "1" and "upload-length" not in head.headers
    assert tus.patch(url, 0, b"abc").headers["upload-offset"] == "3"
    problem(tus.patch(url, 3, b"d", Upload_Length="2"), 400, "invalid-request")
    problem(tus.patch(url, 3, b"d", Upload_Length="10000001"), 413, "payload-too-large")
    assert "jobd-file-id" not in tus.patch(url, 3, b"d", Upload_Length="6").headers
    head = tus.head(url)
    assert head.headers["upload-length"] == "6" and "upload-defer-length" not in head.headers
    problem(tus.patch(url, 4, b"ef", Upload_Length="7"), 400, "invalid-request")
    done = tus.patch(url, 4, b"ef", Upload_Length="6")
    assert file(service, done.headers["jobd-file-id"]).json["size"] == 6
    # Known only when all has come.
    url = tus.begin(Upload_Defer_Length="1")
    assert tus.patch(url, 0, b"abc").status == 204
    assert "jobd-file-id" in tus.patch(url, 3, b"", Upload_Length="3").headers


# Checksum


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_with_another_checksum_does_not_count(tus, algorithm):
    url = tus.begin(6)
    assert tus.patch(url, 0, b"abc", Upload_Checksum=checksum(b"abc", algorithm)).status == 204
    problem(tus.patch(url, 3, b"deg", Upload_Checksum=checksum(b"def", algorithm)), 460, "checksum-mismatch")
    assert tus.offset(url) == 3
    for wrong in ("md5 CY9rzUYh03PK3k6DJie09g==", "sha1", "sha1 !", "sha1 YQ== YQ=="):
        problem(tus.patch(url, 3, b"def", Upload_Checksum=wrong), 400, "invalid-request")
    problem(tus.patch(url, 3, b"def", Upload_Checksum="sha1 YQ=="), 460, "checksum-mismatch")
    assert "jobd-file-id" in tus.patch(url, 3, b"def", Upload_Checksum=checksum(b"def", algorithm)).headers


def test_of_a_piece_with_a_checksum_that_was_cut_off_nothing_counts(tus):
    url = tus.begin(10)
    assert tus.patch(url, 0, b"abc").status == 204
    checked = Tus(tus.service, **{"Upload-Checksum": checksum(b"defghij")})
    checked.broken(url, 3, 7, b"defg").close()
    assert tus.patch(url, 3, b"defghij", Upload_Checksum=checksum(b"defghij")).status == 204


# Expiration and termination


def test_what_is_not_finished_expires_and_takes_nothing_with_it(start):
    service = start("# How long uploads are kept is said later.\n", fronts=1)
    tus = Tus(service)
    kept = tus.whole(b"kept")
    url = tus.begin(10)
    assert tus.patch(url, 0, b"abc").status == 204
    partial = service.directory / "data/files/partial" / url.rsplit("/", 1)[1]
    assert partial.stat().st_size == 3
    (service.directory / "jobd.toml").write_text('[retention]\nunfinishedUploads = "1s"\n')
    service.jobctl("reload", check=0)
    wait_for(lambda: tus.head(url).status == 404, "its end")
    problem(tus.patch(url, 3, b"d"), 404, "upload-not-found")
    wait_for(lambda: not partial.exists(), "the end of its bytes")
    assert file(service, kept).status == 200


def test_an_upload_can_be_taken_back(service, tus):
    url = tus.begin(10)
    assert tus.patch(url, 0, b"abc").status == 204
    assert tus.delete(url).status == 204
    assert tus.head(url).status == 404
    problem(tus.patch(url, 3, b"d"), 404, "upload-not-found")
    problem(tus.delete(url), 404, "upload-not-found")
    partial = service.directory / "data/files/partial" / url.rsplit("/", 1)[1]
    wait_for(lambda: not partial.exists(), "the end of its bytes")
    # A finished one with its file, unless a job uses it.
    upload = tus.whole(b"free")
    assert tus.delete(f"/api/uploads/{upload}").status == 204
    assert file(service, upload).status == 404
    used = tus.whole(b"used")
    assert service.post("/api/jobs", {"fileIds": [used]}).status == 201
    problem(tus.delete(f"/api/uploads/{used}"), 409, "file-in-use")
    # The file alone may go, too.
    single = tus.whole(b"single")
    assert service.request("DELETE", f"/api/files/{single}").status == 204
    assert tus.head(f"/api/uploads/{single}").status == 404


# Concatenation


def test_parts_are_joined_in_their_order(service, tus):
    contents = [CONTENT[:100_000], CONTENT[100_000:100_001], CONTENT[100_001:]]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        def send(content):
            url = tus.begin(len(content), Upload_Concat="partial")
            assert "jobd-file-id" not in tus.patch(url, 0, content).headers
            return url
        parts = list(pool.map(send, contents))
    head = tus.head(parts[0])
    assert head.headers["upload-concat"] == "partial" and head.headers["upload-offset"] == "100000"
    assert file(service, parts[0].rsplit("/", 1)[1]).status == 404
    whole = f"http://127.0.0.1:{service.port}{parts[1]}"
    concat = f"final;{parts[0]} {whole} {parts[2]}"
    answer = tus.create(Upload_Concat=concat, Upload_Metadata=metadata(filename="all.bin"))
    assert answer.status == 201, answer
    described = file(service, answer.headers["jobd-file-id"]).json
    assert described["sha256"] == hashlib.sha256(CONTENT).hexdigest() and described["name"] == "all.bin"
    url = answer.headers["location"]
    head = tus.head(url)
    assert head.headers["upload-concat"] == "final;" + " ".join(parts)
    assert head.headers["upload-offset"] == head.headers["upload-length"] == str(len(CONTENT))
    problem(tus.patch(url, len(CONTENT), b""), 403, "forbidden")
    # The parts have gone.
    assert [tus.head(part).status for part in parts] == [404] * 3
    left = service.directory / "data/files/partial"
    wait_for(lambda: not [p for p in left.iterdir() if p.name in str(parts)], "the end of the parts' bytes")


def test_what_is_not_a_complete_part_is_not_joined(tus):
    part, whole = tus.begin(3, Upload_Concat="partial"), tus.begin(3)
    tus.patch(part, 0, b"ab")
    assert tus.create(Upload_Concat=f"final;{part}").status == 400
    assert tus.offset(part) == 2
    assert tus.create(Upload_Concat=f"final;{whole}").status == 400
    assert tus.create(Upload_Concat="final;/api/uploads/file_1").status == 404
    assert tus.create(Upload_Concat="final;").status == 400
    assert tus.create(3, Upload_Concat=f"final;{part}").status == 400
    assert tus.patch(part, 2, b"c").status == 204
    assert "jobd-file-id" in tus.create(Upload_Concat=f"final;{part}").headers


# Broken connections, and several at once


def test_of_a_piece_that_was_cut_off_what_has_come_counts(service, tus):
    url = tus.begin(len(CONTENT))
    connection = tus.broken(url, 0, len(CONTENT), CONTENT[:200_000])
    wait_for(lambda: tus.offset(url) == 200_000, "what was sent")
    connection.close()
    answer = tus.patch(url, 200_000, CONTENT[200_000:])
    assert answer.status == 204, answer
    assert file(service, answer.headers["jobd-file-id"]).json["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_who_comes_again_takes_over_from_a_connection_that_stands_still(tus):
    url = tus.begin(10)
    silent = tus.broken(url, 0, 10, b"abc")
    wait_for(lambda: tus.offset(url) == 3, "what was sent")
    assert tus.patch(url, 3, b"defghij").status == 204
    assert b" 423 " in silent.recv(1000).split(b"\r\n")[0]
    silent.close()


def test_of_two_that_send_the_same_piece_one_is_taken(service, tus):
    url, content = tus.begin(len(CONTENT)), CONTENT
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: tus.patch(url, 0, content).status, range(8)))
    assert set(answers) <= {204, 409, 423, 413}, answers
    offset = tus.offset(url)
    if offset < len(content):
        assert tus.patch(url, offset, content[offset:]).status == 204
    assert file(service, url.rsplit("/", 1)[1]).json["sha256"] == hashlib.sha256(content).hexdigest()


def test_killing_everything_takes_nothing_that_was_acknowledged(start):
    service = start(fronts=2)
    tus = Tus(service)
    url, acknowledged = tus.begin(len(CONTENT), Upload_Metadata=metadata(filename="kept")), 0
    for word in ("serve", "fastcgi", "serve", "all"):
        answer = tus.patch(url, acknowledged, CONTENT[acknowledged:acknowledged + 50_000])
        if answer.status == 409:
            # What was sent before the kill has come since.
            acknowledged = answer.json["offset"]
            answer = tus.patch(url, acknowledged, CONTENT[acknowledged:acknowledged + 50_000])
        assert answer.status == 204, answer
        acknowledged = int(answer.headers["upload-offset"])
        cut = tus.broken(url, acknowledged, 100_000, CONTENT[acknowledged:acknowledged + 10_000])
        if word == "all":
            # The supervisor first, which would start the others again.
            family = [service.dev.pid, *service.descendants()]
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not any(map(is_alive, family)), "the end of all")
            service.dev.wait()
            service.dev.stdout.close()
            service.start()
        else:
            service.kill(word)
        cut.close()
        offset = wait_for(lambda: (answer := tus.head(url)).status == 200 and int(answer.headers["upload-offset"]),
                          "the service")
        assert acknowledged <= offset <= acknowledged + 10_000
        acknowledged = offset
    assert tus.head(url).headers["upload-metadata"] == metadata(filename="kept")
    offset = tus.offset(url)
    answer = tus.patch(url, offset, CONTENT[offset:])
    assert file(service, answer.headers["jobd-file-id"]).json["sha256"] == hashlib.sha256(CONTENT).hexdigest()


# Who, and how much


def test_a_disk_without_room_keeps_what_was_acknowledged(start):
    service = start(fronts=1)
    tus = Tus(service)
    url = tus.begin(10)
    assert tus.patch(url, 0, b"abc").status == 204
    service.stop()
    (service.directory / "jobd.toml").write_text("[storage]\nminimumFreeBytes = 9007199254740991\n")
    service.start()
    problem(tus.patch(url, 3, b"d"), 507, "storage-full")
    problem(tus.create(10), 507, "storage-full")
    assert tus.offset(url) == 3
    service.stop()
    (service.directory / "jobd.toml").write_text("")
    service.start()
    assert tus.patch(url, 3, b"defghij").status == 204


def test_pages_of_other_sites_may_send_and_read_what_the_protocol_has(service, tus):
    page = {"Origin": "https://app.example.com"}
    asked = service.request("OPTIONS", "/api/uploads/a", headers={
        **page, "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "tus-resumable,upload-offset,content-type"})
    assert asked.headers["access-control-allow-origin"] == page["Origin"]
    assert "PATCH" in asked.headers["access-control-allow-methods"] and "HEAD" in asked.headers["access-control-allow-methods"]
    assert "upload-offset" in asked.headers["access-control-allow-headers"]
    answer = service.post("/api/uploads", headers={**VERSION, **page, "Upload-Length": "1"})
    exposed = {name.lower() for name in re.split(", *", answer.headers["access-control-expose-headers"])}
    assert {"location", "upload-offset", "upload-length", "upload-expires", "tus-resumable", "jobd-file-id",
            "tus-version", "tus-max-size", "tus-extension", "upload-metadata"} <= exposed
    foreign = service.post("/api/uploads", headers={**VERSION, "Origin": "https://evil.example", "Upload-Length": "1"})
    problem(foreign, 403, "forbidden")


def test_it_is_its_owners_alone_and_within_his_quota(start):
    service = start('[access]\nanonymous = "ids"\n[quota.owner]\nunfinishedUploads = 3\nstoredBytes = 1000\n', fronts=1)

    def person(name, *more):
        token = service.jobctl("token", "--owner", name, *more, check=0).stdout.strip()
        return Tus(service, Authorization=f"Bearer {token}")

    ann, bob, nobody = person("ann"), person("bob"), Tus(service)
    url = ann.begin(700)
    assert ann.patch(url, 0, b"a" * 600).status == 204
    for other in (bob, nobody):
        assert other.head(url).status == 404
        problem(other.patch(url, 600, b"x"), 404, "upload-not-found")
        problem(other.delete(url), 404, "upload-not-found")
        assert other.create(Upload_Concat=f"final;{url}").status == 404
    # Without the right to send anything.
    reader = person("ann", "--scope", "read")
    assert reader.head(url).status == 403
    problem(reader.patch(url, 600, b"x"), 403, "forbidden")
    # What lies there counts.
    assert ann.create(1001).status == 507
    second = ann.begin(900)
    answer = ann.patch(second, 0, b"b" * 500)
    assert answer.status == 507 and answer.json["quota"] == "quota.owner.storedBytes", answer
    ann.begin(1)
    answer = ann.create(1)
    assert answer.status == 429 and answer.json["quota"] == "quota.owner.unfinishedUploads", answer
    assert bob.create(1).status == 201
    # What was taken back does not count.
    assert ann.delete(second).status == 204
    assert ann.create(1).status == 201
    done = ann.patch(url, 600, b"a" * 100).headers["jobd-file-id"]
    assert ann.request("GET", f"/api/files/{done}").status == 200
    assert bob.request("GET", f"/api/files/{done}").status == 404
    assert bob.head(url).status == 404


# Jobs that name what has not come


def test_a_job_starts_with_the_last_byte_of_its_file(service, tus):
    url = tus.begin(len(CONTENT), Upload_Metadata=metadata(filename="late.bin", filetype="image/png"))
    upload = url.rsplit("/", 1)[1]
    assert tus.patch(url, 0, CONTENT[:1000]).status == 204
    answer = service.post("/api/file-manager/process", {"fileIds": [upload]})
    assert answer.status == 202, answer
    job = answer.json
    assert job["status"] == "pending"
    assert job["files"] == [
        {"fileId": upload, "name": "late.bin", "size": len(CONTENT), "mediaType": "image/png", "sha256": None}]
    again = service.post("/api/file-manager/process", {"jobId": job["jobId"], "fileIds": [upload]})
    assert (again.status, again.json["version"]) == (200, job["version"])
    other = service.upload(b"other")["fileId"]
    problem(service.post("/api/file-manager/process", {"jobId": job["jobId"], "fileIds": [other]}), 409, "job-conflict")
    service.kill("serve")
    wait_for(lambda: service.get(f"/api/jobs/{job['jobId']}").status == 200, "the daemon")
    assert tus.patch(url, 1000, CONTENT[1000:]).status == 204
    done = service.wait(job["jobId"])
    assert done["status"] == "completed"
    assert done["files"][0]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    created = service.post("/api/jobs", {"fileIds": [upload]})
    assert created.status == 201 and created.json["files"][0]["sha256"] == done["files"][0]["sha256"]


def test_an_upload_that_was_taken_back_leaves_its_job_pending(service, tus):
    url = tus.begin(10)
    upload = url.rsplit("/", 1)[1]
    job = service.post("/api/jobs", {"fileIds": [upload]}).json["jobId"]
    assert tus.delete(url).status == 204
    assert service.job(job)["status"] == "pending"
    problem(service.post("/api/file-manager/process", {"jobId": job, "fileIds": [upload]}), 404, "file-not-found")
    other = tus.whole(b"another")
    assert service.post("/api/file-manager/process", {"jobId": job, "fileIds": [other]}).status == 202
    assert service.wait(job)["status"] == "completed"
    part = tus.begin(3, Upload_Concat="partial").rsplit("/", 1)[1]
    problem(service.post("/api/jobs", {"fileIds": [part]}), 404, "file-not-found")
