"""The disk says that it could not make a change durable: nobody is told of it, and it does not appear after a crash."""

import pathlib
import subprocess
import threading

import pytest

from service import wait_for

SOURCE = pathlib.Path(__file__).with_name("sync_fault.c")


@pytest.fixture
def fault(tmp_path, monkeypatch):
    """The file that makes syncs fail while it exists; beside it, `synced` has the paths of all that succeeded."""
    library = tmp_path / "sync_fault.so"
    subprocess.run(
        ["cc", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("SYNC_FAULT", str(tmp_path / "fault"))
    monkeypatch.setenv("SYNC_RECORD", str(tmp_path / "synced"))
    return tmp_path / "fault"


def get_after_a_crash(jobd, job_id):
    jobd.kill("serve")
    return wait_for(lambda: (answer := jobd.get(f"/api/jobs/{job_id}")).status != 503 and answer, "the daemon")


def test_what_was_refused_for_a_failed_sync_is_not_there_after_a_crash(start, fault):
    jobd = start()
    assert jobd.post("/api/jobs", {"jobId": "first"}).status == 201
    fault.write_text("once")
    refused = jobd.post("/api/jobs", {"jobId": "second"})
    assert not fault.exists() and refused.status == 503, refused
    assert jobd.get("/api/jobs/second").status == 404
    assert get_after_a_crash(jobd, "second").status == 404
    assert jobd.get("/api/jobs/first").status == 200


def test_nobody_is_told_before_it_is_known_what_became_of_a_change(start, fault):
    jobd = start()
    assert jobd.post("/api/jobs", {"jobId": "first"}).status == 201
    fault.write_text("always")
    answers = []
    asking = threading.Thread(target=lambda: answers.append(jobd.post("/api/jobs", {"jobId": "second"})))
    asking.start()
    wait_for(lambda: "a commit failed" in jobd.messages(), "the failed commit")
    assert jobd.get("/api/jobs/second").status == 404 and answers == []
    fault.unlink()
    asking.join()
    assert answers[0].status == 503, answers
    assert wait_for(lambda: jobd.post("/api/jobs", {"jobId": "third"}).status == 201, "a store that takes changes")
    assert get_after_a_crash(jobd, "second").status == 404
    assert jobd.get("/api/jobs/third").status == 200


def test_a_folder_is_synced_before_anybody_is_told_of_what_is_in_it(start, fault, tmp_path):
    """A file that is on the disk has no name there before its folder is, and neither has a folder."""
    jobd = start("""
[[pipelines.file_processing.steps]]
name = "make"
run = ["sh", "-c", "echo made >\\"$JOBD_OUTPUT_DIRECTORY/a.txt\\""]
""")
    data = jobd.directory / "data"
    synced = lambda: (tmp_path / "synced").read_text().splitlines()
    began = len(synced())
    file = jobd.upload(b"text", "a.txt")
    after = synced()[began:]
    arrived = [index for index, path in enumerate(after) if path.startswith(f"{data}/files/arriving/")]
    assert arrived and f"{data}/files" in after[arrived[0] + 1:], after
    assert (data / "files" / file["fileId"]).exists()

    began = len(synced())
    job_id = jobd.post("/api/file-manager/process", {"fileIds": [file["fileId"]]}).json["jobId"]
    job = jobd.wait(job_id)
    assert job["status"] == "completed" and [artifact["name"] for artifact in job["artifacts"]] == ["a.txt"], job
    after = synced()[began:]
    own = f"{data}/artifacts/{job_id}"
    # Its bytes, wherever they were then; its name in the job's folder; and the folder's name.
    bytes_at = [index for index, path in enumerate(after) if path.endswith("/a.txt")]
    assert bytes_at and own in after and f"{data}/artifacts" in after, after
    assert jobd.get(job["artifacts"][0]["href"]).body == b"made\n"
