"""Backups that are made while everything goes on, and what is said of a directory that is not as it should be."""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import threading

import pytest

from service import JOBD, PATIENCE, ROOT, Service, one_step, wait_for

COPY = one_step("run = ['cp', '{input}', '{output:copy.txt}']")


def check(directory):
    return subprocess.run([JOBD, "check", directory], capture_output=True, text=True, timeout=PATIENCE)


def database(directory):
    return sqlite3.connect(pathlib.Path(directory) / "jobd.sqlite", isolation_level=None)


@pytest.fixture
def kept(start, tmp_path):
    """A backup with a job that has a file and an artifact, a pending one, and one that is gone."""
    jobd = start(COPY)
    jobd.wait(jobd.process(b"content", "whole")["jobId"])
    jobd.post("/api/jobs", {"jobId": "pending", "metadata": {"a": [1, 2]}})
    jobd.post("/api/jobs", {"jobId": "gone"})
    jobd.post("/api/jobs/gone/cancel", {})
    assert jobd.request("DELETE", "/api/jobs/gone").status == 204
    made = json.loads(jobd.jobctl("backup", tmp_path / "kept", "--json", check=0).stdout)
    assert (made["jobs"], made["files"], made["artifacts"], made["bytes"], made["missing"]) == (2, 1, 1, 14, 0)
    return tmp_path / "kept"


def test_a_backup_under_load_is_whole_and_can_be_restored(start, tmp_path):
    jobd = start(COPY)
    jobd.wait(jobd.process(b"before", "before")["jobId"])
    stops = threading.Event()

    def work(number):
        count = 0
        while not stops.is_set():
            job = jobd.process(f"{number} {count}".encode())["jobId"]
            if jobd.wait(job)["status"] == "completed" and count % 2:
                assert jobd.request("DELETE", f"/api/jobs/{job}").status == 204
            # What runs again makes its artifacts anew.
            jobd.post(f"/api/jobs/{jobd.process(b'x')['jobId']}/cancel", {})
            count += 1

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    backups = [tmp_path / f"backup-{number}" for number in range(5)]
    for backup in backups:
        jobd.jobctl("backup", backup, check=0)
    stops.set()
    for thread in threads:
        thread.join()
    assert sorted(path.name for path in tmp_path.iterdir()) == [backup.name for backup in backups]
    for backup in backups:
        answer = check(backup)
        assert answer.returncode == 0, answer
    # The files that were to be removed meanwhile are removed.
    remaining = {file["fileId"] for job in jobd.get("/api/jobs?limit=500").json["jobs"] for file in job["files"]}
    assert len(remaining) > 5
    restored = Service(COPY)
    shutil.copytree(backups[-1], restored.directory / "data")
    try:
        restored.start()
        assert restored.job("before")["status"] == "completed"
        assert restored.get("/api/jobs/before/artifacts/copy.txt").body == b"before"
        for job in restored.get("/api/jobs?limit=500").json["jobs"]:
            restored.wait(job["jobId"])
        assert restored.wait(restored.process(b"after")["jobId"])["status"] == "completed"
    finally:
        restored.discard()


def test_an_interrupted_backup_is_no_backup(start, tmp_path):
    jobd = start()
    text = "x" * 60_000
    for number in range(400):
        jobd.post("/api/jobs", {"jobId": f"j{number}", "metadata": {"text": text}})
    target, incomplete = tmp_path / "backup", tmp_path / "backup.incomplete"
    [daemon] = jobd.part("serve")
    asking = subprocess.Popen(
        [jobd.directory / "jobctl" if jobd.jobctl("status", check=0) else "", "--socket",
         jobd.directory / "run/jobd.sock", "backup", target], stderr=subprocess.DEVNULL)
    while not incomplete.exists():
        pass
    os.kill(daemon, signal.SIGKILL)
    assert asking.wait(PATIENCE) != 0
    assert not target.exists() and incomplete.exists()
    wait_for(lambda: jobd.get("/api/health/ready").status == 200, "the daemon's return")
    jobd.jobctl("backup", target, check=0)
    assert not incomplete.exists() and check(target).returncode == 0


def test_a_backup_goes_only_where_it_may(jobd, tmp_path):
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine").write_text("mine")
    other = tmp_path / "other.incomplete"
    other.mkdir()
    (other / "mine").write_text("mine")
    for target, code, reason in [
        (taken, 2, "exists already"), (tmp_path / "none/here", 2, "make the directory above it first"),
        (jobd.directory / "data/files/x", 2, "choose another"), (tmp_path / "other", 1, "File exists"),
        ("/", 2, "absolute"),
    ]:
        answer = jobd.jobctl("backup", target)
        assert answer.returncode == code and reason in answer.stderr, answer
    assert (taken / "mine").read_text() == (other / "mine").read_text() == "mine"
    # A relative path is the client's; an empty directory will do.
    (tmp_path / "empty").mkdir()
    made = jobd.jobctl("backup", "empty", "-q", check=0, cwd=tmp_path)
    assert made.stdout == f"{tmp_path}/empty\n" and check(tmp_path / "empty").returncode == 0


def test_what_is_whole_is_said_to_be(kept):
    answer = check(kept)
    assert answer.returncode == 0 and answer.stderr == "", answer
    assert "2 jobs, 1 tombstones" in answer.stdout and answer.stdout.endswith("Everything is correct.\n")
    # It has changed nothing, and may be asked again.
    assert check(kept).stdout == answer.stdout


def test_what_is_left_over_is_no_fault(kept):
    (kept / "files/file_stray").write_text("stray")
    (kept / "files/arriving/file_new").write_text("half")
    (kept / "artifacts/unknown").mkdir()
    (kept / "artifacts/unknown/a.txt").write_text("a")
    answer = check(kept)
    assert answer.returncode == 0
    for name in ("files/file_stray", "files/arriving/file_new", "artifacts/unknown/a.txt"):
        assert name in answer.stdout


def copy(kept):
    """The artifact, in the folder of its run."""
    [path] = (kept / "artifacts/whole").glob("*/copy.txt")
    return path


def change_a_byte(path):
    # What is shared with the original must not be changed in place.
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("damage, said", [
    (lambda kept: next((kept / "files").glob("file_*")).unlink(), r"The file file_\w+ is missing"),
    (lambda kept: change_a_byte(next((kept / "files").glob("file_*"))), "recorded digest"),
    (lambda kept: copy(kept).unlink(), "copy.txt of the job whole is missing"),
    (lambda kept: change_a_byte(copy(kept)), "copy.txt of the job whole does not have the recorded digest"),
    (lambda kept: database(kept).execute("UPDATE file SET uses = 7"), "7 uses on record, and 1 jobs"),
    (lambda kept: database(kept).execute("UPDATE file SET size = 3"), "has 7 bytes instead of 3"),
    (lambda kept: database(kept).execute("UPDATE job SET status = 'lost' WHERE id = 'pending'"), "cannot be read"),
    (lambda kept: database(kept).execute("UPDATE job SET metadata = '{'"), "cannot be read"),
    (lambda kept: database(kept).execute("UPDATE job_detail SET artifacts = '[{}]'"), "cannot be read"),
    (lambda kept: database(kept).execute("UPDATE tombstone SET status = 'x' WHERE id = 'gone'"), "deleted job number"),
    (lambda kept: database(kept).execute("UPDATE job_total SET count = 9 WHERE status = 'pending'"),
     "1 jobs of the queue default that are pending, and 9 on record"),
    (lambda kept: database(kept).execute("UPDATE ended_total SET bytes = 1"), "bytes of ended jobs, and 1 on record"),
    (lambda kept: database(kept).execute("DELETE FROM file_total"), "There are 1 files, and 0 on record"),
    (lambda kept: (kept / "jobd.sqlite").unlink(), "There is no store"),
])
def test_what_is_wrong_is_found_and_named(kept, damage, said):
    damage(kept)
    answer = check(kept)
    assert answer.returncode == 1 and re.search(said, answer.stderr), answer


STORES = sorted((ROOT / "Tests/Fixtures/stores").glob("schema-*.sqlite"))


@pytest.mark.parametrize("kept_store", STORES, ids=lambda path: path.stem)
def test_a_store_of_an_earlier_version_is_read_and_left_as_it_is(tmp_path, kept_store):
    shutil.copy(kept_store, tmp_path / "jobd.sqlite")
    answer = check(tmp_path)
    # Of its one file there is but the record.
    assert (answer.returncode, answer.stderr) == (1, "The file file_kept is missing.\n"), answer
    # One in each state that there was.
    jobs = 8 if int(kept_store.stem.removeprefix("schema-")) >= 10 else 7
    assert f"Read {jobs} jobs, 1 tombstones of deleted ones, 2 lines of logs, 1 files" in answer.stdout
    assert (tmp_path / "jobd.sqlite").read_bytes() == kept_store.read_bytes()


def test_a_store_of_a_later_version_is_refused(kept):
    with database(kept) as connection:
        connection.execute("INSERT INTO grdb_migrations VALUES ('4711')")
    before = (kept / "jobd.sqlite").read_bytes()
    answer = check(kept)
    assert answer.returncode == 1 and "was written by a later version of jobd; install" in answer.stderr, answer
    assert (kept / "jobd.sqlite").read_bytes() == before


def test_a_directory_in_use_is_left_alone(jobd):
    answer = check(jobd.directory / "data")
    assert answer.returncode == 1 and "A daemon uses" in answer.stderr


def root_page(kept, table):
    with database(kept) as connection:
        [number] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    return (number - 1) * size, size


def damage_header(kept):
    with open(kept / "jobd.sqlite", "r+b") as file:
        file.write(b"\xff" * 16)


def damage_page(kept):
    offset, size = root_page(kept, "job")
    with open(kept / "jobd.sqlite", "r+b") as file:
        file.seek(offset)
        file.write(bytes(byte ^ 0x55 for byte in range(200)))


def truncate(kept):
    offset, size = root_page(kept, "job")
    os.truncate(kept / "jobd.sqlite", offset)


@pytest.mark.parametrize("damage", [damage_header, damage_page, truncate])
def test_a_damaged_store_is_refused_with_a_way_forward(kept, tmp_path, damage):
    damage(kept)
    environment = {
        "JOBD_STORAGE_DIRECTORY": str(kept), "JOBD_CONTROL_SOCKET": str(tmp_path / "s"), "PATH": os.environ["PATH"]}
    answer = subprocess.run([JOBD, "serve"], capture_output=True, text=True, timeout=PATIENCE, env=environment)
    # Not tried again at once by whoever starts it.
    assert answer.returncode == 78 and not (tmp_path / "s").exists(), answer
    assert str(kept / "jobd.sqlite") in answer.stderr, answer
    assert "`jobd check`" in answer.stderr and "backup" in answer.stderr
    answer = check(kept)
    assert answer.returncode == 1 and answer.stderr, answer
