"""A disk that says no at every place in turn, and a kill after each: what was refused is not there, what was acknowledged is."""

import base64
import errno
import hashlib
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time

import pytest

from faults import RENAME, SYNC, WRITE, Faults
from service import JOBD, PATIENCE, Service, wait_for

CONFIGURATION = """
[pipelines.lines]
maxAttempts = 1
[[pipelines.lines.steps]]
name = "count"
run = ["sh", "-c", "for i in $(seq 40); do echo line $i; done; cp {input} \\"$JOBD_OUTPUT_DIRECTORY/copy.txt\\""]
"""

# Of which process, where, what and how it fails.
FAULTS = {
    "store-write-full": ("serve", "jobd.sqlite", WRITE, errno.ENOSPC),
    "store-write-error": ("serve", "jobd.sqlite", WRITE, errno.EIO),
    "store-sync-error": ("serve", "jobd.sqlite", SYNC, errno.EIO),
    "store-sync-full": ("serve", "jobd.sqlite", SYNC, errno.ENOSPC),
    "store-kill": ("serve", "jobd.sqlite", WRITE | SYNC, None),
    "files-write-full": ("serve", "/files", WRITE, errno.ENOSPC),
    "files-sync-error": ("serve", "/files", SYNC, errno.EIO),
    "files-rename-error": ("serve", "/files", RENAME, errno.EIO),
    "files-kill": ("serve", "/files", WRITE | SYNC | RENAME, None),
    "artifacts": ("serve", "/artifacts", WRITE | SYNC | RENAME, errno.EIO),
    "front-write-full": ("fastcgi", "/files", WRITE, errno.ENOSPC),
    "front-sync-error": ("fastcgi", "/files", SYNC, errno.EIO),
    "front-kill": ("fastcgi", "/files", WRITE | SYNC, None),
}


class Day:
    """Some work of clients, and what they were told."""

    def __init__(self, service, name):
        self.service = service
        self.name = name
        self.created, self.refused, self.deleted, self.files = {}, set(), set(), {}

    def work(self):
        content = f"content of {self.name}".encode()
        over_http = self.upload(content)
        self.upload_over_socket(b"socket " + content)
        self.create("pending", {"metadata": {"a": 1}})
        self.patch("pending", {"metadata": {"b": 2}})
        if over_http:
            self.create("lines", {"jobType": "lines", "fileIds": [over_http]})
            self.wait("lines")
        self.create("gone", {})
        if self.post(f"/api/jobs/{self.id('gone')}/cancel", {}) == 200:
            self.delete("gone")

    def id(self, name):
        return f"{self.name}-{name}"

    def post(self, path, body, method="POST"):
        try:
            answer = self.service.request(method, path, body)
        except OSError:
            return 0
        # Nobody knows what became of a request whose daemon or front was killed.
        return 0 if answer.status in (502, 504) or b"unknown" in answer.body or b"not there" in answer.body else answer.status

    def create(self, name, body):
        status = self.post("/api/jobs", {"jobId": self.id(name), **body})
        # A front that lost the daemon before the answer asks again, and is told that the job is there.
        if status in (200, 201):
            self.created[self.id(name)] = 1
        elif status:
            self.refused.add(self.id(name))

    def patch(self, name, body):
        if self.id(name) in self.created and self.post(f"/api/jobs/{self.id(name)}", body, "PATCH") == 200:
            self.created[self.id(name)] = 2

    def delete(self, name):
        status = self.post(f"/api/jobs/{self.id(name)}", None, "DELETE")
        if status == 204:
            self.deleted.add(self.id(name))
            del self.created[self.id(name)]
        elif status == 0:
            del self.created[self.id(name)]

    def upload(self, content):
        try:
            answer = self.service.post("/api/files?name=a.txt", content)
        except OSError:
            return None
        if answer.status != 201:
            return None
        self.files[answer.json["fileId"]] = content
        return answer.json["fileId"]

    def upload_over_socket(self, content):
        try:
            with Wire(self.service) as wire:
                file_id = wire.call("files.begin", name="a.txt")["fileId"]
                half = len(content) // 2
                refused = False
                for part in (content[:half], content[half:]):
                    try:
                        wire.call("files.append", fileId=file_id, data=base64.b64encode(part).decode())
                    except Refused:
                        refused = True
                file = wire.call("files.commit", fileId=file_id)
                assert not refused, "an upload was acknowledged of which a part was refused"
                self.files[file["fileId"]] = content
        except (OSError, Refused):
            pass

    def wait(self, name):
        if self.id(name) not in self.created:
            return
        for _ in range(200):
            try:
                answer = self.service.get(f"/api/jobs/{self.id(name)}")
                if answer.status == 200 and answer.json["status"] in ("completed", "failed", "cancelled"):
                    return
            except OSError:
                pass
            time.sleep(0.05)

    # After a kill

    def expect(self):
        service = self.service
        for job_id, version in self.created.items():
            answer = service.get(f"/api/jobs/{job_id}")
            assert answer.status == 200, f"{job_id} was acknowledged: {answer}"
            assert answer.json["version"] >= version, answer
            for artifact in answer.json.get("artifacts") or []:
                data = service.get(f"/api/jobs/{job_id}/artifacts/{artifact['name']}")
                assert data.status == 200, (artifact, data)
                assert hashlib.sha256(data.body).hexdigest() == artifact["sha256"]
        for job_id in self.refused:
            answer = service.get(f"/api/jobs/{job_id}")
            assert answer.status == 404, f"{job_id} was refused: {answer}"
        for job_id in self.deleted:
            assert service.get(f"/api/jobs/{job_id}").status == 410, job_id
        for file_id, content in self.files.items():
            answer = service.get(f"/api/files/{file_id}")
            assert answer.status == 200, f"{file_id} was acknowledged: {answer}"
            assert (service.directory / "data/files" / file_id).read_bytes() == content
            assert answer.json["sha256"] == hashlib.sha256(content).hexdigest()
        self.expect_lines()

    def expect_lines(self):
        if self.id("lines") not in self.created:
            return
        job = self.service.job(self.id("lines"))
        lines = self.service.get(f"/api/jobs/{self.id('lines')}/logs?limit=500").json["lines"]
        for run in sorted({line["run"] for line in lines}):
            # A run that was killed leaves its lines, and the next one begins anew.
            numbers = [
                int(line["text"].split()[1])
                for line in lines if line["run"] == run and re.fullmatch(r"line \d+", line["text"])]
            assert numbers == sorted(numbers), f"lines of the run {run} are out of order: {numbers}"
            if job["status"] == "completed" and run == job["run"] and len(numbers) < 40:
                assert any(line["stream"] == "jobd" for line in lines), f"lines are missing without a mark: {numbers}"


class Refused(Exception):
    pass


class Wire:
    """The control socket, one request after the other."""

    def __init__(self, service):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(service.directory / "run/jobd.sock"))
        self.file = self.socket.makefile("rwb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def call(self, method, **params):
        self.file.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        self.file.flush()
        line = self.file.readline()
        if not line:
            raise OSError("the daemon has gone")
        reply = json.loads(line)
        if "error" in reply:
            raise Refused(reply["error"])
        return reply["result"]


def is_ready(service):
    try:
        return service.get("/api/health/ready").status == 200
    except OSError:
        return False


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_failing_disk_refused_is_not_there_and_the_rest_is(name, full):
    process, path, calls, error = FAULTS[name]
    with tempfile.TemporaryDirectory(prefix="faults", dir="/tmp") as folder:
        faults = Faults(pathlib.Path(folder), process)
        service = Service(CONFIGURATION, fronts=1)
        try:
            with faults.environment():
                service.start()
            problems, unused = [], 0
            for number in range(1, 201 if full else 9):
                wait_for(lambda: is_ready(service), "the service")
                day = Day(service, f"{name}-{number}")
                faults.arm(calls, number, error, path)
                day.work()
                unused = 0 if faults.disarm() else unused + 1
                if unused == 3:
                    break
                service.kill("serve")
                wait_for(lambda: is_ready(service), "the service after a kill")
                try:
                    day.expect()
                except AssertionError as problem:
                    problems.append(f"{number}: {problem}")
            assert not problems, "\n".join(problems)
            assert number > 1, "nothing failed"
            service.stop()
            check = subprocess.run(
                [JOBD, "check", service.directory / "data"], capture_output=True, text=True, timeout=PATIENCE)
            assert check.returncode == 0, check
        finally:
            service.discard()
