"""A job's whole life over HTTP and jobctl: limits, keys, others that it waits for, batches, schedules, explanations."""

import json

from service import wait_for

STEPS = """
[queues.one]
width = 1
[queues.keyed]
width = 4
perKey = 1
fair = "key"
[pipelines.sleep]
queue = "one"
[[pipelines.sleep.steps]]
name = "sleep"
run = ["sh", "-c", "exec sleep 1000"]
[pipelines.keyed]
queue = "keyed"
[[pipelines.keyed.steps]]
name = "sleep"
run = ["sh", "-c", "exec sleep 1000"]
[pipelines.quick]
[[pipelines.quick.steps]]
name = "quick"
run = ["true"]
[schedules.nightly]
cron = "0 2 * * *"
timeZone = "Europe/Berlin"
jobType = "quick"
"""


def create(jobd, job_id, job_type="quick", status=201, **fields):
    body = {"jobId": job_id, "jobType": job_type, "fileIds": [], **fields}
    if body["fileIds"] is None:
        del body["fileIds"]
    answer = jobd.post("/api/jobs", body)
    assert answer.status == status, answer
    return answer.json


def problem(answer, status, code, pointer=None):
    assert (answer.status, answer.json["code"]) == (status, code), answer
    assert pointer is None or answer.json["pointer"] == pointer, answer


def test_a_job_that_takes_too_long_fails_and_says_which_limit(start):
    jobd = start(STEPS)
    create(jobd, "slow", "keyed", timeouts={"running": "300ms"})
    # It waits for one that stays.
    create(jobd, "first", "sleep")
    create(jobd, "late", "sleep", timeouts={"queued": "100ms"})
    create(jobd, "quiet", "keyed", timeouts={"silence": "300ms"})
    create(jobd, "whole", "keyed", timeouts={"total": "400ms"})
    ends = {name: jobd.wait(name)["error"] for name in ("slow", "late", "quiet", "whole")}
    assert {name: error["code"] for name, error in ends.items()} == {
        "slow": "timeout", "late": "timeout", "quiet": "silence", "whole": "timeout"}
    for name, word in (("slow", "running"), ("late", "queued"), ("quiet", "silence"), ("whole", "total")):
        assert ends[name]["cause"].startswith(word), ends[name]
    problem(jobd.post("/api/jobs", {"timeouts": {"running": "soon"}}), 400, "invalid-request", "/timeouts/running")


def test_an_explanation_says_what_a_job_waits_for(start):
    jobd = start(STEPS)
    create(jobd, "first", "sleep")
    jobd.get("/api/jobs/first?wait=10&since=1")
    for name in ("second", "third"):
        create(jobd, name, "sleep")
    explanation = jobd.get("/api/jobs/third/explain").json
    assert (explanation["because"], explanation["position"], explanation["by"]) == ("queue-full", 1, ["first"])
    assert jobd.get("/api/jobs/first/explain").json["because"] == "running"
    create(jobd, "parent", "nobody-runs-this", fileIds=None)
    create(jobd, "child", after=["parent"])
    explanation = jobd.get("/api/jobs/child/explain").json
    assert (explanation["because"], explanation["by"], explanation["position"]) == ("blocked", ["parent"], None)
    problem(jobd.get("/api/jobs/nobody/explain"), 404, "job-not-found")
    assert jobd.jobctl("explain", "third", "-q", check=0).stdout.strip() == "queue-full"


def test_keys_and_dependencies(start):
    jobd = start(STEPS)
    for name in ("a1", "a2"):
        create(jobd, name, "keyed", limitKey="a")
    assert jobd.get("/api/jobs/a1?wait=10&since=1").json["status"] == "processing"
    assert jobd.get("/api/jobs/a2/explain").json["because"] == "key-busy"
    create(jobd, "once", "keyed", dedupeKey="order-1")
    again = create(jobd, "twice", "keyed", status=200, dedupeKey="order-1")
    assert again["jobId"] == "once" and again["dedupeKey"] == "order-1"
    assert jobd.get("/api/jobs/twice").status == 404
    create(jobd, "gate", "nobody-runs-this", fileIds=None)
    create(jobd, "next", after=["gate"])
    assert jobd.get("/api/jobs/next").json["status"] == "blocked"
    problem(jobd.post("/api/jobs", {"after": ["gate", "nobody"]}), 404, "job-not-found", "/after/1")
    jobd.request("PATCH", "/api/jobs/gate", {"status": "failed", "error": {"code": "no"}})
    ended = jobd.wait("next")
    assert (ended["status"], ended["error"]["code"]) == ("failed", "dependency")
    assert jobd.post("/api/jobs/next/retry", {}).status == 202
    assert jobd.get("/api/jobs/next").json["status"] == "blocked"
    problem(jobd.request("DELETE", "/api/jobs/gate"), 409, "job-conflict")
    jobd.post("/api/jobs/gate/retry", {})
    jobd.request("PATCH", "/api/jobs/gate", {"status": "completed"})
    assert jobd.wait("next")["status"] == "completed"


def test_a_batch_is_made_whole_and_then_the_next_begins(start):
    jobd = start(STEPS)
    jobs = [{"jobId": f"part-{number}", "jobType": "quick", "fileIds": []} for number in range(5)]
    body = {"batchId": "b-1", "jobs": jobs, "then": {"jobId": "merge", "jobType": "quick", "fileIds": []}}
    answer = jobd.post("/api/batches", body)
    assert answer.status == 201 and answer.headers["location"] == "/api/batches/b-1", answer
    assert jobd.post("/api/batches", body).status == 200
    assert jobd.wait("merge")["metadata"]["batch"]["counts"]["completed"] == 5
    batch = jobd.get("/api/batches/b-1").json
    assert (batch["status"], batch["counts"]["completed"], batch["progress"]) == ("completed", 5, 100)
    wrong = {"jobs": [{"jobId": "new"}, {"jobId": "part-1"}]}
    problem(jobd.post("/api/batches", wrong), 409, "job-conflict", "/jobs/1/jobId")
    wrong = {"jobs": [{"jobId": "new"}, {"queue": "nowhere"}]}
    problem(jobd.post("/api/batches", wrong), 400, "invalid-request", "/jobs/1/queue")
    assert jobd.get("/api/jobs/new").status == 404
    problem(jobd.get("/api/batches/b-2"), 404, "batch-not-found")


def test_schedules_drain_and_changes_of_many(start):
    jobd = start(STEPS)
    [nightly] = jobd.get("/api/jobd/schedules").json["schedules"]
    assert nightly["source"] == "configuration" and len(nightly["next"]) == 5
    path = "/api/jobd/schedules/nightly"
    problem(jobd.request("PUT", path, {"cron": "@daily", "jobType": "quick"}), 409, "job-conflict")
    path = "/api/jobd/schedules/own"
    plan = {"cron": "*/5 * * * *", "jobType": "quick", "metadata": {"a": 1}}
    assert jobd.request("PUT", path, plan).json["timeZone"] == "UTC"
    problem(jobd.request("PUT", path, {**plan, "cron": "0 0 30 2 *"}), 400, "invalid-request", "/cron")
    made = jobd.post(path + "/run", {})
    assert made.status == 201 and made.json["jobId"].startswith("own:") and made.json["schedule"] == "own", made
    assert jobd.wait(made.json["jobId"])["metadata"] == {"a": 1}
    problem(jobd.post("/api/jobs", {"jobId": "own:mine"}), 409, "job-conflict")
    assert jobd.request("DELETE", path).status == 204
    for number in range(30):
        create(jobd, f"wait-{number}", "nobody-runs-this", fileIds=None)
    count = json.loads(jobd.jobctl("cancel", "--type", "nobody-runs-this", "--dry-run", "--json").stdout)
    assert count == {"matched": 30, "done": 0, "refused": 0}
    refused = jobd.post("/api/jobs/bulk", {"action": "delete", "status": "pending", "jobType": "nobody-runs-this"}).json
    assert "delete" in refused.pop("reason") and refused == {"matched": 30, "done": 0, "refused": 30}
    answer = jobd.post("/api/jobs/bulk", {"action": "cancel", "jobType": "nobody-runs-this"})
    assert answer.json == {"matched": 30, "done": 30, "refused": 0}
    assert jobd.jobctl("drain", check=0)
    answer = jobd.post("/api/jobs", {"jobId": "late"})
    assert answer.status == 503 and "retry-after" in answer.headers
    assert jobd.get("/api/health/ready").status == 503
    jobd.kill()
    wait_for(lambda: jobd.get("/api/stats").status == 200, "the daemon")
    assert jobd.get("/api/health/ready").status == 503
    assert jobd.jobctl("undrain", check=0)
    create(jobd, "late")
