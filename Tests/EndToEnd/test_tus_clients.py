"""Resumable uploads by clients of others, and while everything is killed."""

import asyncio
import contextlib
import hashlib
import http.client
import io
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time

from service import PATIENCE, ROOT, wait_for
from tus import Tus, metadata

sys.path.append(str(ROOT / ".build/python"))

import aiotus  # noqa: E402
from tusclient.client import TusClient  # noqa: E402
from tusclient.storage import filestorage  # noqa: E402

CONTENT = bytes(random.Random(2).randbytes(3_000_000))
PARTS = ["serve", "fastcgi", "nginx: worker"]


class Killer(threading.Thread):
    """Kills a part of the service now and then, until it has killed so many or is told to end."""

    def __init__(self, service, count, pause):
        super().__init__(daemon=True)
        self.service, self.count, self.pause = service, count, pause
        self.random, self.done, self.ended = random.Random(3), 0, threading.Event()

    def run(self):
        while self.done < self.count and not self.ended.wait(self.random.uniform(0, 2 * self.pause)):
            victims = [pid for word in PARTS for pid in self.service.part(word)]
            # One that was killed before may go between the look and the kill.
            with contextlib.suppress(IndexError, ProcessLookupError):
                os.kill(self.random.choice(victims), signal.SIGKILL)
                self.done += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


def memory(pid):
    """The most memory that a process has had, in MiB."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def stored(service, url, digest):
    described = wait_for(lambda: (answer := service.get(f"/api/files/{url.rsplit('/', 1)[-1]}")).status == 200 and answer,
                         "the file").json
    assert described["sha256"] == digest


def test_tuspy_uploads_resumes_and_checks(start, tmp_path):
    """https://pypi.org/project/tuspy, unchanged."""
    service = start()
    client = TusClient(f"http://127.0.0.1:{service.port}/api/uploads")
    file = tmp_path / "film.bin"
    file.write_bytes(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    storage = filestorage.FileStorage(str(tmp_path / "urls"))
    first = client.uploader(
        str(file), chunk_size=400_000, metadata={"filename": "film.bin"}, store_url=True, url_storage=storage)
    first.upload(stop_at=1_200_000)
    service.kill("serve")
    service.kill("fastcgi")
    wait_for(lambda: service.get("/api/health/ready").status == 200, "the service")
    # Another run of the program goes on where it was.
    second = client.uploader(
        str(file), chunk_size=400_000, store_url=True, url_storage=storage, upload_checksum=True, retries=5,
        retry_delay=0.1)
    assert second.url == first.url and second.offset == 1_200_000
    second.upload()
    stored(service, second.url, digest)
    assert second.request.response_headers["jobd-file-id"] == second.url.rsplit("/", 1)[1]
    whole = client.uploader(file_stream=io.BytesIO(CONTENT))
    whole.upload()
    stored(service, whole.url, digest)
    empty = client.uploader(file_stream=io.BytesIO(b""), metadata={"filename": "empty"})
    empty.upload()
    stored(service, empty.url, hashlib.sha256(b"").hexdigest())
    with Killer(service, 6, 0.2):
        killed = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=50_000, retries=200, retry_delay=0.05)
        killed.set_url(create(client))
        killed.upload()
    stored(service, killed.url, digest)


def test_aiotus_uploads_resumes_and_joins(start, monkeypatch):
    """https://pypi.org/project/aiotus, which takes an address for the beginning of another one."""
    service = start()
    endpoint = f"http://127.0.0.1:{service.port}/api/uploads"
    make = aiotus.creation.create

    async def resolved(session, url, *arguments, **more):
        return url.join(await make(session, url, *arguments, **more))

    monkeypatch.setattr(aiotus.creation, "create", resolved)
    again = aiotus.RetryConfiguration(retry_attempts=200, max_retry_period_seconds=0.05)

    def send(function, what, kills, **more):
        with Killer(service, kills, 0.2):
            url = asyncio.run(function(endpoint, what, {"filename": b"film", "none": None}, config=again, **more))
        stored(service, str(url), hashlib.sha256(CONTENT).hexdigest())
        return asyncio.run(aiotus.metadata(url, config=again))

    said = {"filename": b"film", "none": None}
    assert send(aiotus.upload, io.BytesIO(CONTENT), 0) == said
    assert send(aiotus.upload, io.BytesIO(CONTENT), 2, chunksize=300_000) == said
    parts = [CONTENT[:500_000], b"", CONTENT[500_000:2_000_000], CONTENT[2_000_000:]]
    assert send(aiotus.upload_multiple, map(io.BytesIO, parts), 0, chunksize=500_000) == said


def test_curl_sends_pieces_as_the_article_says(start, tmp_path):
    """By a program for the shell, which is run again whenever it could not go on."""
    service = start()
    article = (ROOT / "Sources/jobd/jobd.docc/UploadsInPieces.md").read_text()
    [program] = re.findall(r"```bash\n(.*?)```", article, re.S)
    (tmp_path / "upload.sh").write_text(program)
    content = CONTENT * 7
    (tmp_path / "a film").write_bytes(content)
    environment = {**os.environ, "JOBD_SITE": f"http://127.0.0.1:{service.port}"}

    def run():
        return subprocess.run(
            ["sh", "upload.sh", "a film"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE)

    with Killer(service, 2, 0.2):
        done = wait_for(lambda: (ended := run()).returncode == 0 and ended, "the whole file")
    stored(service, done.stdout.strip(), hashlib.sha256(content).hexdigest())
    assert service.get(f"/api/files/{done.stdout.strip()}").json["name"] == "a film"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a film", "upload.sh"]


def create(client):
    """tuspy does not announce an upload twice."""
    for _ in range(200):
        try:
            return client.uploader(file_stream=io.BytesIO(CONTENT)).create_url()
        except Exception:
            time.sleep(0.05)
    raise AssertionError("no upload was announced")


def test_a_file_comes_whole_while_all_is_killed(start, full):
    """No byte that was acknowledged is sent twice."""
    piece, count, kills = (8 * 1024 * 1024, 128, 30) if full else (512 * 1024, 40, 8)
    service = start()
    digest, source = hashlib.sha256(), random.Random(4)
    block = bytes(source.randbytes(piece))

    def content(offset, length):
        """The bytes of a file that no memory has to hold: each piece begins with its number."""
        number = offset // piece
        whole = number.to_bytes(8, "big") + block[8:]
        return whole[offset % piece:][:length]

    for number in range(count):
        digest.update(content(number * piece, piece))
    tus, length, sent, peaks = Tus(service), piece * count, 0, []
    url = tus.begin(length, Upload_Metadata=metadata(filename="film"))
    acknowledged = 0
    began = time.monotonic()
    with Killer(service, kills, 0.3 if full else 0.15) as killer:
        while acknowledged < length or killer.done < kills:
            peaks += [memory(pid) for pid in service.part("fastcgi")]
            if acknowledged == length:
                time.sleep(0.05)
                continue
            part = content(acknowledged, piece - acknowledged % piece)
            try:
                answer = tus.patch(url, acknowledged, part)
                if answer.status == 204:
                    acknowledged = int(answer.headers["upload-offset"])
                    continue
            except (OSError, http.client.HTTPException):
                answer = None
            offset = known(tus, url)
            assert offset >= acknowledged, (offset, acknowledged, answer)
            acknowledged = offset
            assert time.monotonic() - began < 10 * PATIENCE
    print(f"{length / 1048576:.0f} MiB, {killer.done} kills, {time.monotonic() - began:.1f} s, {max(peaks):.0f} MiB")
    stored(service, url, digest.hexdigest())
    assert max(peaks) < 64


def known(tus, url):
    """How much has come, as soon as somebody answers."""
    def ask():
        try:
            answer = tus.head(url)
        except (OSError, http.client.HTTPException):
            return None
        return answer if answer.status == 200 else None

    return int(wait_for(ask, "the service").headers["upload-offset"])
