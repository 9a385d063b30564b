"""Streams of several jobs, lists, queues and statistics, through nginx."""

import time

import pytest

from service import Response, Stream, one_step, wait_for
from test_bad_input import problem


def test_a_stream_of_several_jobs_shows_each_of_them_to_its_end(start):
    jobd = start(one_step('run = ["true"]'))
    first = jobd.wait(jobd.process(b"1", "first")["jobId"])
    second = jobd.post("/api/jobs", {"jobId": "second"}).json
    stream = iter(Stream(jobd, "/api/jobs/stream?ids=first,second,third"))
    begin = [next(stream), next(stream)]
    assert all(event.id is None and event.name == "message" for event in begin)
    assert {event.json["jobId"]: event.json for event in begin} == {"first": first, "second": second}

    # One that did not exist yet, across a restart of the daemon.
    jobd.kill("serve")
    third = wait_for(lambda: (answer := jobd.post("/api/jobs", {"jobId": "third"})).status in (200, 201) and answer.json, "it")
    event = next(stream)
    assert event.json == third

    jobd.post("/api/jobs/third/cancel")
    assert next(stream).json["status"] == "cancelled"
    jobd.post("/api/jobs/second/cancel")
    assert next(stream).json["status"] == "cancelled"
    assert next(stream).name == "end"

    # It stays open, and what leaves its end is shown again.
    assert jobd.request("DELETE", "/api/jobs/third").status == 204
    gone = next(stream)
    assert (gone.name, gone.json) == ("gone", {"jobId": "third"})
    jobd.post("/api/jobs/second/retry")
    assert next(stream).json["status"] == "pending"
    jobd.post("/api/jobs/second/cancel")
    assert next(stream).json["status"] == "cancelled"
    assert next(stream).name == "end"


def test_a_stream_of_all_jobs_or_of_a_queue_shows_changes_only(start):
    jobd = start("[queues.other]\nwidth = 1\n")
    jobd.post("/api/jobs", {"jobId": "old"})
    everything, other = Stream(jobd, "/api/jobs/stream"), Stream(jobd, "/api/jobs/stream?queue=other")
    for stream in (everything, other):
        assert stream.status == 200
    # The answer's head comes before the daemon has the watch; what it confirms by then is told.
    wait_for(lambda: jobd.get("/api/stats").json["streams"] == 2, "the report of both streams")
    jobd.post("/api/jobs", {"jobId": "a"})
    jobd.post("/api/jobs", {"jobId": "b", "queue": "other"})
    everything, other = iter(everything), iter(other)
    assert [next(everything).json["jobId"], next(everything).json["jobId"]] == ["a", "b"]
    assert next(other).json["jobId"] == "b"
    jobd.post("/api/jobs/b/cancel")
    assert next(everything).json["status"] == next(other).json["status"] == "cancelled"
    jobd.request("DELETE", "/api/jobs/b")
    assert next(everything).name == next(other).name == "gone"


@pytest.mark.parametrize("ids", ["", ",", "a,b%20c", "stream", "a," * 2000 + "a"])
def test_ids_that_are_none(jobd, ids):
    problem(jobd.get(f"/api/jobs/stream?ids={ids}"), 400, "invalid-request")


def test_a_list_goes_through_all_jobs_newest_first_while_more_come(start):
    jobd = start("[queues.other]\nwidth = 1\n")
    for number in range(25):
        queue = "other" if number % 5 == 0 else "default"
        jobd.post("/api/jobs", {"jobId": f"n-{number}", "queue": queue, "message": f"Message {number}", "jobType": "t"})
    jobd.post("/api/jobs/n-3/cancel")

    def pages(query=""):
        seen, cursor = [], ""
        while cursor is not None:
            page = jobd.get(f"/api/jobs?limit=10{cursor}{query}")
            assert page.status == 200, page
            seen += [job["jobId"] for job in page.json["jobs"]]
            assert all("result" not in job and "artifacts" not in job for job in page.json["jobs"])
            jobd.post("/api/jobs", {"jobId": f"later-{len(seen)}-{query.count('=')}", "jobType": "other"})
            cursor = page.json["nextCursor"] and f"&cursor={page.json['nextCursor']}"
        return seen

    assert pages() == [f"n-{number}" for number in reversed(range(25))]
    assert pages("&queue=other&jobType=t") == ["n-20", "n-15", "n-10", "n-5", "n-0"]
    assert pages("&status=cancelled,failed") == ["n-3"]
    assert pages("&q=message%2011") == ["n-11"]
    assert pages("&q=n-2&jobType=t") == ["n-24", "n-23", "n-22", "n-21", "n-20", "n-2"]
    for query in ("limit=0", "limit=501", "limit=x", "status=running", "cursor=nonsense"):
        problem(jobd.get(f"/api/jobs?{query}"), 400, "invalid-request")
    assert jobd.get("/api/jobs?unknown=1").status == 200


def test_a_paused_queue_starts_nothing_until_it_is_resumed(start):
    jobd = start(one_step('run = ["true"]'))
    [queue] = jobd.get("/api/queues").json["queues"]
    assert (queue["name"], queue["running"], queue["queued"], queue["paused"]) == ("default", 0, 0, False)
    assert jobd.post("/api/queues/default/pause").json["paused"] is True
    job_id = jobd.process(b"1")["jobId"]
    assert jobd.job(job_id)["status"] == "queued"
    jobd.kill("serve")
    [after] = wait_for(lambda: (answer := jobd.get("/api/queues")).status == 200 and answer.json["queues"], "them")
    assert jobd.job(job_id)["createdAt"] <= after.pop("oldestQueuedAt") <= jobd.job(job_id)["updatedAt"]
    assert queue.pop("oldestQueuedAt") is None and after == {**queue, "queued": 1, "paused": True}
    assert jobd.get("/api/health/ready").status == 200
    assert jobd.post("/api/queues/default/resume").json["paused"] is False
    assert jobd.wait(job_id)["status"] == "completed"
    problem(jobd.post("/api/queues/nowhere/pause"), 404, "queue-not-found")


def test_statistics_count_what_happened(start):
    jobd = start(one_step('run = ["sh", "-c", "exit $(wc -c <\\"$1\\")", "sh", "{input}"]'))
    jobd.wait(jobd.process(b"")["jobId"])
    jobd.wait(jobd.process(b"1")["jobId"])
    jobd.post("/api/jobs", {"jobId": "a"})
    jobd.post("/api/jobs/a/cancel")
    # The last of those who waited is told of by a front a moment later.
    stats = wait_for(lambda: (answer := jobd.get("/api/stats").json)["streams"] == 0 and answer, "the end of streams")
    assert stats["counts"] == {
        "pending": 0, "blocked": 0, "scheduled": 0, "queued": 0, "processing": 0, "completed": 1, "failed": 1, "cancelled": 1}
    assert (stats["storage"]["files"], stats["storage"]["bytes"]) == (2, 1) and stats["storage"]["freeBytes"] > 0
    assert stats["queues"] == jobd.get("/api/queues").json["queues"]
    assert len(stats["minutes"]) == 60 and stats["startedAt"] is not None
    totals = {key: sum(minute[key] for minute in stats["minutes"]) for key in ("created", "completed", "failed", "cancelled")}
    assert totals == {"created": 3, "completed": 1, "failed": 1, "cancelled": 1}
    assert any(minute["runMs"]["p50"] is not None for minute in stats["minutes"])
    assert "completed" in jobd.jobctl("stats", check=0).stdout
    # What was counted once is found again.
    jobd.kill("serve")
    again = wait_for(lambda: (answer := jobd.get("/api/stats")).status == 200 and answer.json, "the daemon")
    assert (again["counts"], again["storage"]["bytes"]) == (stats["counts"], 1)


def test_a_request_waits_for_the_next_change(start):
    jobd = start()
    created = jobd.post("/api/jobs", {"jobId": "a"})
    assert jobd.get("/api/jobs/a?wait=55&since=0").json == created.json
    assert jobd.get("/api/jobs/a?wait=0.05&since=1", headers={"If-None-Match": '"1"'}).status == 304
    connection = jobd.connection()
    connection.request("GET", "/api/jobs/a?wait=55&since=1")
    # The daemon's end in between changes nothing, unless it is away for two seconds: then a wait ends.
    killed = time.monotonic()
    jobd.kill("serve")
    wait_for(lambda: jobd.request("PATCH", "/api/jobs/a", {"progress": 10}).status == 200, "the report")
    is_soon = time.monotonic() - killed < 2
    answer = Response(connection.getresponse())
    assert answer.status == 200 and answer.json["progress"] == 10 or not is_soon, answer
    jobd.post("/api/jobs/a/cancel")
    assert jobd.get("/api/jobs/a?wait=55&since=99").json["status"] == "cancelled"


def test_a_request_waits_for_a_job_that_does_not_exist(start):
    jobd = start()
    problem(jobd.get("/api/jobs/b?wait=0.05"), 404, "job-not-found")
    connection = jobd.connection()
    connection.request("GET", "/api/jobs/b?wait=55")
    created = jobd.post("/api/jobs", {"jobId": "b"})
    response = connection.getresponse()
    assert response.status == 200 and response.read() == created.body
    jobd.post("/api/jobs/b/cancel")
    jobd.request("DELETE", "/api/jobs/b")
    problem(jobd.get("/api/jobs/b?wait=55"), 410, "job-gone")
