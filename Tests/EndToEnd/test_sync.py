"""The disk says that it could not make a change durable: nobody is told of it, and it does not appear after a crash."""

import pathlib
import subprocess
import threading

import pytest

from service import wait_for

SOURCE = pathlib.Path(__file__).with_name("sync_fault.c")


@pytest.fixture
def fault(tmp_path, monkeypatch):
    """The file that makes syncs fail while it exists."""
    library = tmp_path / "sync_fault.so"
    subprocess.run(
        ["cc", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("SYNC_FAULT", str(tmp_path / "fault"))
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
