"""Files on the disk and their records: what happens when one is there without the other."""

import base64
import json
import os
import shutil
import subprocess

import pytest

from service import JOBD, PATIENCE, WEB, Service, wait_for
from test_faults import Refused, Wire

RESERVED = "[storage]\nminimumFreeBytes = 9007199254740991\n"


@pytest.fixture
def service():
    service = Service(fronts=1)
    yield service.start()
    service.discard()


def stored(service, folder="files"):
    directory = service.directory / "data" / folder
    return {path.name for path in directory.iterdir() if path.name != "arriving"} if directory.exists() else set()


def test_what_an_older_store_does_not_know_is_set_aside_and_comes_back_with_the_newer_one(service):
    data = service.directory / "data"
    old = service.upload(b"old")["fileId"]
    service.stop()
    shutil.copy(data / "jobd.sqlite", service.directory / "old.sqlite")
    service.start()
    new = service.upload(b"new")["fileId"]
    job = service.process(b"with a job")
    service.wait(job["jobId"])
    service.stop()
    shutil.move(data / "jobd.sqlite", service.directory / "new.sqlite")
    shutil.copy(service.directory / "old.sqlite", data / "jobd.sqlite")

    service.start()
    wait_for(lambda: new in stored(service, "unknown/files"), "the unknown file")
    wait_for(lambda: stored(service) == {old}, "the known file alone")
    wait_for(lambda: job["jobId"] in stored(service, "unknown/artifacts") or not job.get("artifacts"), "its artifacts")
    wait_for(lambda: "unknown/" in service.messages(), "the message")
    service.stop()

    shutil.copy(service.directory / "new.sqlite", data / "jobd.sqlite")
    service.start()
    assert {old, new} <= stored(service)
    assert not stored(service, "unknown/files")
    service.stop()
    check = subprocess.run([JOBD, "check", data], capture_output=True, text=True, timeout=PATIENCE)
    assert check.returncode == 0, check


def test_a_daemon_does_not_begin_anew_beside_files(service):
    data = service.directory / "data"
    file = service.upload(b"content")["fileId"]
    service.stop()
    for path in data.glob("jobd.sqlite*"):
        path.unlink()
    environment = os.environ | {
        "JOBD_STORAGE_DIRECTORY": str(data), "JOBD_CONTROL_SOCKET": str(service.directory / "run/other.sock")}
    run = subprocess.run([JOBD, "serve"], capture_output=True, text=True, timeout=PATIENCE, env=environment)
    assert run.returncode == 78, run
    assert "Put the store back" in run.stderr + run.stdout
    assert stored(service) == {file}
    assert not list(data.glob("jobd.sqlite*"))


def test_the_reserve_is_kept_at_every_door():
    service = Service(RESERVED, fronts=1)
    try:
        service.start()
        form = (b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nabc\r\n--x--\r\n',
                {"Content-Type": "multipart/form-data; boundary=x"})
        for body, headers in ((b"abc", {}), form, (iter([b"abc"]), {"Transfer-Encoding": "chunked"})):
            connection = service.connection()
            connection.request("POST", "/api/files", body, headers, encode_chunked="Transfer-Encoding" in headers)
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["code"]) == (507, "storage-full")
            assert answer.getheader("Retry-After")
            connection.close()
        (service.directory / "a.txt").write_text("abc")
        service.jobctl("submit", service.directory / "a.txt", check=75)
        wait_for(lambda: not stored(service) and not stored(service, "files/arriving"), "the removal of files")
    finally:
        service.discard()


def test_a_refused_part_is_the_end_of_an_upload_over_the_socket():
    service = Service("[front]\nmaxUploadBytes = 10\n", fronts=1)
    try:
        service.start()
        with Wire(service) as wire:
            upload = wire.call("files.begin", name="a")["fileId"]
            wire.call("files.append", fileId=upload, data=base64.b64encode(b"12345678").decode())
            for method, more in (("files.append", b"abc"), ("files.append", b"a"), ("files.commit", None)):
                with pytest.raises(Refused):
                    wire.call(method, fileId=upload, **({"data": base64.b64encode(more).decode()} if more else {}))
        wait_for(lambda: not stored(service) and not stored(service, "files/arriving"), "the removal of files")
    finally:
        service.discard()


def test_what_a_deleted_job_made_goes_although_the_daemon_was_killed(service):
    job = service.process()
    service.wait(job["jobId"])
    artifacts = service.directory / "data/artifacts" / job["jobId"]
    assert artifacts.exists()
    shutil.copytree(artifacts, service.directory / "kept")
    assert service.request("DELETE", f"/api/jobs/{job['jobId']}").status == 204
    wait_for(lambda: not artifacts.exists(), "the end of the artifacts")
    service.stop()
    # As a daemon leaves it that was killed before it came to that.
    shutil.copytree(service.directory / "kept", artifacts)
    service.start()
    wait_for(lambda: not artifacts.exists(), "the end of the artifacts after a start")


def test_folders_that_somebody_removed_are_made_again(service):
    data = service.directory / "data"
    for folder in ("files/arriving", "artifacts"):
        (data / folder).rmdir()
    assert service.wait(service.process()["jobId"])["status"] == "completed"
    assert (data / "files/arriving").exists() and (data / "artifacts").exists()


@pytest.mark.skipif(WEB != "nginx", reason="of nginx")
def test_a_json_body_stays_in_nginx_memory(service):
    """Without the folder for bodies, nginx refuses what it would write there."""
    [bodies] = service.directory.glob("**/client_body")
    bodies.rmdir()
    jobs = [{"metadata": {"text": "x" * 60_000}} for _ in range(16)]
    assert service.post("/api/batches", {"jobs": jobs}).status == 201


def test_what_a_killed_front_leaves_is_swept_under_the_running_daemon():
    service = Service('[retention]\nunusedFiles = "1s"\n', fronts=1)
    try:
        service.start()
        left = service.directory / "data/files/arriving/file_left"
        left.write_bytes(b"half")
        wait_for(lambda: not left.exists(), "the end of what nobody writes")
    finally:
        service.discard()


def test_another_daemon_stays_out_whatever_is_removed(service):
    data = service.directory / "data"
    for path in data.glob("*.lock"):
        path.unlink()
    environment = os.environ | {
        "JOBD_STORAGE_DIRECTORY": str(data), "JOBD_CONTROL_SOCKET": str(service.directory / "run/other.sock")}
    run = subprocess.run([JOBD, "serve"], capture_output=True, text=True, timeout=PATIENCE, env=environment)
    assert run.returncode != 0 and "Another daemon uses" in run.stderr + run.stdout
