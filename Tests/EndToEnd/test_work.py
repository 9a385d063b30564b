"""Work done elsewhere: by the clients of one file, by jobctl work, over the socket and over HTTP."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest

from service import CONTRACT, JOBD, PATIENCE, ROOT, wait_for

sys.path.insert(0, str(ROOT / "Sources/Clients"))
import jobd as client  # noqa: E402

CONFIGURATION = """
[queues.video]
width = 4
[pipelines.encode]
queue = "video"
work = "workers"
maxAttempts = 2
[limits]
reconnect = "2s"
"""


on_each_road = pytest.mark.parametrize("road", ["socket", "http", "ws"], indirect=True)


@pytest.fixture(params=["socket", "http"])
def road(request, start):
    service = start(CONFIGURATION)
    is_socket = request.param == "socket"
    at = str(service.directory / "run/jobd.sock") if is_socket else f"{request.param}://127.0.0.1:{service.port}"
    jobd = client.Client(at)
    yield service, jobd
    jobd.close()


def claim(jobd, **more):
    return jobd.call("work.claim", {"queues": ["video"], "waitSeconds": 20, **more})["jobs"]


def test_a_job_is_claimed_done_and_accounted(road):
    service, jobd = road
    file = jobd.upload(str(CONTRACT))
    jobd.create(jobId="clip-1", jobType="encode", fileIds=[file["fileId"]])
    [entry] = claim(jobd, worker="w 1")
    lease = {"jobId": "clip-1", "token": entry["lease"]["token"]}
    assert (entry["lease"]["expiresAt"] is None) == jobd.at.startswith("/")
    assert (entry["job"]["runner"], entry["job"]["worker"]) == ("worker", "w 1")
    content = b"".join(jobd.transport.fetch(lease, entry["job"]["files"][0]))
    assert content == CONTRACT.read_bytes()
    state = jobd.call("work.report", {**lease, "progress": 50, "lines": [{"stream": "stderr", "text": "half"}]})
    assert state["cancelRequested"] is False
    run = client.Run(type("W", (), {"client": jobd}), entry["job"], lease["token"])
    stored = run.artifact("clip.txt", b"done\n", "text/x-clip")
    assert stored == {"name": "clip.txt", "mediaType": "text/x-clip", "size": 5,
                      "sha256": hashlib.sha256(b"done\n").hexdigest()}
    job = jobd.call("work.complete", {**lease, "result": {"frames": 3}})
    assert (job["status"], job["result"], job["progress"]) == ("completed", {"frames": 3}, 100)
    assert jobd.call("work.complete", {**lease, "result": {"frames": 3}}) == job
    assert service.get("/api/jobs/clip-1/artifacts/clip.txt").body == b"done\n"
    assert service.get("/api/jobs/clip-1/logs").json["lines"][0]["text"] == "half"
    with pytest.raises(client.Refused) as refused:
        run.artifact("late.txt", b"")
    assert refused.value.code == "lease-lost"
    with pytest.raises(client.Refused):
        b"".join(jobd.transport.fetch(lease, entry["job"]["files"][0]))


def test_bad_words_change_nothing(start):
    service = start(CONFIGURATION)
    def post(name, body):
        return service.post("/api/jobd/work/" + name, body)
    assert post("claim", {"queues": []}).json["pointer"] == "/queues"
    assert post("claim", {"queues": ["video"], "leaseSeconds": 0}).json["pointer"] == "/leaseSeconds"
    assert post("claim", {"queues": ["nowhere"]}).status == 400
    assert post("claim", {"queues": ["video"]}).json == {"jobs": []}
    for job_id in ("a", "b"):
        service.post("/api/jobs", {"jobId": job_id, "jobType": "encode", "fileIds": []})
    jobs = post("claim", {"queues": ["video"], "count": 2}).json["jobs"]
    tokens = {entry["job"]["jobId"]: entry["lease"]["token"] for entry in jobs}
    assert set(tokens) == {"a", "b"} and tokens["a"] != tokens["b"]
    before = service.get("/api/jobs/a").json
    for name, more in [("report", {"progress": 9}), ("complete", {}), ("fail", {"error": {"code": "no"}}), ("release", {})]:
        wrong = post(name, {"jobId": "a", "token": tokens["b"], **more})
        assert (wrong.status, wrong.json["code"]) == (409, "lease-lost"), wrong
    for path, verb in [("files/file_1", "GET"), ("artifacts/x", "PUT")]:
        wrong = service.request(verb, f"/api/jobd/work/a/{path}", headers={"Lease-Token": tokens["b"]})
        assert (wrong.status, wrong.json["code"]) == (409, "lease-lost"), wrong
    renewed = post("renew", {"leases": [{"jobId": "a", "token": "x"}, {"jobId": "b", "token": tokens["b"]}]}).json
    assert renewed["leases"][0] == {"jobId": "a", "code": "lease-lost"}
    assert renewed["leases"][1]["cancelRequested"] is False
    assert service.get("/api/jobs/a").json == before
    failed = post("fail", {"jobId": "a", "token": tokens["a"], "error": {"code": "busy", "message": "Busy."},
                           "retryAfterSeconds": 3600}).json
    assert failed["status"] == "scheduled" and failed["earlierAttempts"][0]["error"]["code"] == "busy"


def test_a_killed_worker_is_replaced_at_once(start):
    """By the end of its connection, within a tenth of a second."""
    service = start(CONFIGURATION)
    path = str(service.directory / "run/jobd.sock")
    program = "import jobd, sys, time; c = jobd.Client(sys.argv[1]); " \
              "print(c.call('work.claim', {'queues': ['video'], 'waitSeconds': 20}), flush=True); time.sleep(99)"
    service.post("/api/jobs", {"jobId": "a", "jobType": "encode", "fileIds": []})
    worker = subprocess.Popen(
        [sys.executable, "-c", program, path], stdout=subprocess.PIPE, cwd=ROOT / "Sources/Clients")
    assert b"'jobId': 'a'" in worker.stdout.readline()
    other, got = client.Client(path), {}
    def wait():
        got["jobs"] = claim(other)
        got["at"] = time.monotonic()
    thread = threading.Thread(target=wait)
    thread.start()
    wait_for(lambda: service.get("/api/jobs/a").json["run"] == 1, "the first run")
    killed = time.monotonic()
    worker.kill()
    thread.join(PATIENCE)
    assert got["jobs"][0]["job"]["run"] == 2 and got["jobs"][0]["job"]["crashes"] == 1
    print(f"replaced after {(got['at'] - killed) * 1000:.0f} ms")
    worker.wait()


@on_each_road
def test_a_worker_works_through_the_death_of_the_daemon(road):
    """Each job's effect is there once for each run, none is lost, and the worker comes back by itself."""
    service, jobd = road
    effects, lock, stop = [], threading.Lock(), threading.Event()
    def function(run):
        with lock:
            effects.append((run.job["jobId"], run.job["run"]))
        run.cancelled.wait(0.05)
        run.report(progress=50)
        return {"run": run.job["run"]}
    worker = threading.Thread(target=lambda: jobd.work(["video"], function, places=4, stop=stop))
    worker.start()
    ids = [f"j{number}" for number in range(40)]
    for number, job_id in enumerate(ids):
        other = client.Client(f"http://127.0.0.1:{service.port}")
        other.create(jobId=job_id, jobType="encode", fileIds=[])
        if number in (10, 30):
            service.kill("serve")
    jobs = [client.Client(f"http://127.0.0.1:{service.port}").wait(job_id) for job_id in ids]
    stop.set()
    worker.join(PATIENCE)
    assert {job["status"] for job in jobs} == {"completed"}, [j for j in jobs if j["status"] != "completed"]
    assert len(effects) == len(set(effects)), "no run is run twice"
    assert all((job["jobId"], job["run"]) in effects for job in jobs)


def test_a_worker_is_told_to_stop_and_a_failure_is_tried_again(road):
    service, jobd = road
    stop, begun = threading.Event(), threading.Event()
    def function(run):
        if run.job["metadata"].get("fails"):
            if run.job["attempt"] == 1:
                raise client.Failure("busy", "The encoder is busy.", retry_after=0)
            return None
        begun.set()
        while not run.cancelled.wait(0.1):
            run.report(message="Encoding")
    worker = threading.Thread(target=lambda: jobd.work(["video"], function, places=2, stop=stop))
    worker.start()
    service.post("/api/jobs", {"jobId": "long", "jobType": "encode", "fileIds": []})
    assert begun.wait(PATIENCE)
    assert service.post("/api/jobs/long/cancel", {"reason": "Enough."}).status == 202
    assert service.wait("long")["status"] == "cancelled"
    service.post("/api/jobs", {"jobId": "again", "jobType": "encode", "fileIds": [], "metadata": {"fails": True}})
    job = service.wait("again")
    assert (job["status"], job["attempt"], job["earlierAttempts"][0]["error"]["code"]) == ("completed", 2, "busy")
    stop.set()
    worker.join(PATIENCE)
    assert not worker.is_alive()


def test_jobctl_work_runs_a_program_for_each_job(start):
    service = start(CONFIGURATION)
    path = str(service.directory / "run/jobd.sock")
    jobd = client.Client(path)
    script = 'echo "::progress 50 Halfway" >"$JOBD_REPORTS"; echo hello; cp "$JOBD_INPUT" "$JOBD_OUTPUT_DIRECTORY/copy.pdf"; ' \
             'echo "::result id=\\"$JOBD_JOB_ID\\"" >"$JOBD_REPORTS"; test "$JOBD_ATTEMPT" -gt 1 || exit 3'
    worker = subprocess.Popen(
        ["jobctl", "work", "--socket", path, "--queues", "video", "--", "sh", "-c", script], executable=JOBD)
    try:
        file = jobd.upload(str(CONTRACT))
        jobd.create(jobId="a", jobType="encode", fileIds=[file["fileId"]])
        job = jobd.wait("a")
        assert (job["status"], job["attempt"]) == ("completed", 2), job
        assert job["earlierAttempts"][0]["error"]["exitCode"] == 3
        assert job["result"] == {"id": "a"} and [a["name"] for a in job["artifacts"]] == ["copy.pdf"]
        assert service.get("/api/jobs/a/artifacts/copy.pdf").body == CONTRACT.read_bytes()
        assert "hello" in [line["text"] for line in service.get("/api/jobs/a/logs").json["lines"]]
    finally:
        worker.terminate()
    assert worker.wait(PATIENCE) == 0


def try_client(service, jobd, command):
    """Has a worker run two jobs, of which one fails; returns its exit status when it is told to end."""
    worker = subprocess.Popen(command)
    try:
        file = jobd.upload(str(CONTRACT))
        jobd.create(jobId="a", jobType="encode", fileIds=[file["fileId"]])
        jobd.create(jobId="b", jobType="encode", fileIds=[file["fileId"]], metadata={"fails": True})
        job = jobd.wait("a")
        assert (job["status"], job["result"]) == ("completed", {"bytes": CONTRACT.stat().st_size}), job
        assert service.get("/api/jobs/a/artifacts/copy.pdf").body == CONTRACT.read_bytes()
        assert (jobd.wait("b")["status"], jobd.wait("b")["error"]["code"]) == ("failed", "no")
    finally:
        worker.terminate()
    return worker.wait(PATIENCE)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
@on_each_road
def test_the_client_for_node_works_too(road, tmp_path):
    service, jobd = road
    program = tmp_path / "worker.mjs"
    program.write_text(f"""
        import {{ Jobd, Failure }} from {json.dumps((ROOT / "Sources/Clients/jobd.mjs").as_uri())};
        const jobd = new Jobd({json.dumps(jobd.at)});
        const stop = new AbortController();
        process.on("SIGTERM", () => stop.abort());
        await jobd.work(["video"], async (run) => {{
            await run.report({{ progress: 10 }});
            const bytes = await run.fetch(run.job.files[0]);
            await run.artifact("copy.pdf", bytes, "application/pdf");
            if (run.job.metadata.fails) throw new Failure("no", "No.", {{ mayRetry: false }});
            return {{ bytes: bytes.length }};
        }}, {{ places: 2, signal: stop.signal }});
        jobd.close();
    """)
    assert try_client(service, jobd, ["node", program]) == 0


@pytest.mark.skipif(shutil.which("php") is None, reason="there is no php")
def test_the_client_for_php_works_too(road, tmp_path):
    service, jobd = road
    program = tmp_path / "worker.php"
    program.write_text(f"""<?php
        require {json.dumps(str(ROOT / "Sources/Clients/jobd.php"))};
        (new Jobd({json.dumps(jobd.at)}))->work(['video'], function (JobdRun $run) {{
            $run->report(progress: 10);
            $path = $run->fetch($run->job['files'][0], {json.dumps(str(tmp_path / "in"))});
            $run->artifact('copy.pdf', $path, 'application/pdf');
            if ($run->job['metadata']['fails'] ?? false) throw new JobdFailure('no', 'No.', mayRetry: false);
            return ['bytes' => filesize($path)];
        }});
    """)
    try_client(service, jobd, ["php", program])


@pytest.mark.parametrize("program", [
    [sys.executable, "jobd.py", "video"], ["node", "jobd.mjs", "video"], ["php", "jobd.php", "video"],
], ids=["python", "node", "php"])
def test_a_worker_without_a_job_waits_so_briefly_that_it_ends_soon(program, tmp_path):
    if shutil.which(program[0]) is None:
        pytest.skip(f"there is no {program[0]}")
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(path))
        daemon.listen()
        worker = subprocess.Popen(program, cwd=ROOT / "Sources/Clients", env={**os.environ, "JOBD_SOCKET": str(path)})
        try:
            connection, _ = daemon.accept()
            with connection, connection.makefile("rw") as lines:
                # It is told to stop while it waits, and does so after an answer.
                for line in lines:
                    claim = json.loads(line)
                    assert claim["method"] == "work.claim" and 0 < claim["params"]["waitSeconds"] < 1, claim
                    worker.terminate()
                    lines.write(json.dumps({"jsonrpc": "2.0", "id": claim["id"], "result": {"jobs": []}}) + "\n")
                    lines.flush()
                assert worker.wait(PATIENCE) == 0
        finally:
            worker.kill()
