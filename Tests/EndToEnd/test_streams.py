"""One job's event stream, through nginx."""

import os

import pytest

from service import one_step, suspend, wait_for


@pytest.fixture
def paused(start, tmp_path):
    """A service whose jobs run until their step may go on, and what lets them."""
    os.mkfifo(tmp_path / "go")
    jobd = start(one_step(f'run = ["cat", "{tmp_path}/go"]') + '[front]\ncreationGrace = "20s"\n')

    def go():
        with open(tmp_path / "go", "w"):
            pass

    return jobd, go


def test_a_stream_opened_before_its_job_shows_all_of_its_life(paused):
    jobd, go = paused
    # The answer's head comes with the first state, so the request is sent by hand.
    connection = jobd.connection()
    connection.request("GET", "/api/jobs/early/stream")
    assert jobd.get("/api/jobs/early").status == 404
    created = jobd.post("/api/jobs", {"jobId": "early"}).json
    response = connection.getresponse()
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store, no-transform"
    assert response.headers["X-Accel-Buffering"] == "no"
    states = events(response)
    assert next(states)[1] == created
    file = jobd.upload(b"text")
    jobd.post("/api/file-manager/process", {"jobId": "early", "fileIds": [file["fileId"]]})
    while next(states)[1]["step"] != "step":
        pass
    go()
    *_, (identifier, last) = states
    assert last["status"] == "completed" and identifier == last["version"]
    assert last == jobd.job("early")
    connection.close()


def test_a_stream_opened_during_the_run_begins_with_the_present_state(paused):
    jobd, go = paused
    job_id = jobd.process(b"text")["jobId"]
    wait_for(lambda: jobd.job(job_id)["step"] == "step", "the step")
    stream = iter(jobd.stream(job_id))
    assert next(stream).json == jobd.job(job_id)
    go()
    assert [event.json["status"] for event in stream][-1] == "completed"


def test_a_stream_after_the_end_shows_the_end_and_ends(paused):
    jobd, go = paused
    job_id = jobd.process(b"text")["jobId"]
    go()
    done = jobd.wait(job_id)
    stream = jobd.stream(job_id)
    [event] = stream
    assert (event.id, event.json) == (done["version"], done)
    assert 500 <= stream.retry <= 2000
    for newest in (str(done["version"]), str(done["version"] + 1)):
        assert jobd.stream(job_id, {"Last-Event-ID": newest}).status == 204
        assert jobd.get(f"/api/jobs/{job_id}/stream?lastEventId={newest}").status == 204
    for older in (str(done["version"] - 1), "nonsense", "-1", "99999999999999999999999"):
        [event] = jobd.stream(job_id, {"Last-Event-ID": older})
        assert event.json == done


def test_a_stream_outlives_the_daemon(paused):
    jobd, go = paused
    job_id = jobd.process(b"text")["jobId"]
    stream = iter(jobd.stream(job_id))
    seen = [next(stream).json]
    while seen[-1]["step"] != "step":
        seen.append(next(stream).json)
    jobd.kill("serve")
    while seen[-1]["attempt"] != 2 or seen[-1]["step"] != "step":
        seen.append(next(stream).json)
    go()
    seen += [event.json for event in stream]
    assert seen[-1]["status"] == "completed" and seen[-1]["crashes"] == 1
    versions = [job["version"] for job in seen]
    assert versions == sorted(set(versions))


def test_a_stream_of_a_job_that_ended_while_the_daemon_was_away_is_told(paused):
    """Its last word is not lost between two daemons."""
    jobd, go = paused
    job_id = jobd.post("/api/jobs", {"jobType": "import"}).json["jobId"]
    stream = iter(jobd.stream(job_id))
    next(stream)
    for _ in range(2):
        jobd.kill("serve")
    # Not sent again by itself, because it may have been done; the client looks, and asks again.
    while (answer := jobd.request("PATCH", f"/api/jobs/{job_id}", {"status": "completed"})).status == 503:
        pass
    assert answer.status in (200, 409), answer
    assert [event.json["status"] for event in stream] == ["completed"]


def test_a_new_stream_while_the_daemon_is_away_is_told_to_come_back(start):
    """It must not be refused: an EventSource that is told 503 never comes back."""
    jobd = start('[front]\ndaemonWait = "0s"\n')
    # Of two fronts, one is connected to the daemon when all is ready.
    job_id = wait_for(lambda: (answer := jobd.post("/api/jobs", {})).status == 201 and answer.json["jobId"], "a front")
    [serve] = jobd.part("serve")
    suspend(serve)  # It neither answers nor comes back.
    try:
        stream = jobd.stream(job_id)
        assert stream.status == 200
        assert list(stream) == [] and stream.retry is not None
    finally:
        os.kill(serve, 9)
    assert next(jobd.follow(job_id)).json["jobId"] == job_id


def test_a_stream_while_no_front_runs_is_told_to_come_back_by_nginx(start):
    jobd = start(fronts=1)
    job_id = jobd.post("/api/jobs", {}).json["jobId"]
    [front] = jobd.part("fastcgi")
    connection = jobd.connection()
    suspend(front)
    connection.request("GET", f"/api/jobs/{job_id}/stream")
    os.kill(front, 9)
    response = connection.getresponse()
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.readline().startswith((b"retry:", b"id:"))
    connection.close()


def test_a_stream_of_an_unknown_job_is_not_found_and_of_a_deleted_one_gone(start):
    jobd = start('[front]\ncreationGrace = "100ms"\n')
    missing = jobd.get("/api/jobs/missing/stream")
    assert (missing.status, missing.json["code"]) == (404, "job-not-found")
    jobd.post("/api/jobs", {"jobId": "old"})
    assert jobd.post("/api/jobs/old/cancel").status == 200
    assert jobd.request("DELETE", "/api/jobs/old").status == 204
    gone = jobd.get("/api/jobs/old/stream")
    assert (gone.status, gone.json["code"], gone.json["jobStatus"]) == (410, "job-gone", "cancelled")


def events(response):
    """The ids and jobs of a response that is read by hand."""
    import json

    identifier = None
    while line := response.readline().decode():
        name, _, value = line.rstrip("\n").partition(": ")
        if name == "id":
            identifier = int(value)
        elif name == "data":
            yield identifier, json.loads(value)
