"""A queue's width holds, and the slot of a job that ends is taken by the next one."""

import datetime
import json
import sys

WIDTH = 3


def configuration(script):
    run = json.dumps(["sh", "-c", script])
    return f'[queues.narrow]\nwidth = {WIDTH}\n[pipelines.work]\nqueue = "narrow"\n' \
           f'[[pipelines.work.steps]]\nname = "work"\nrun = {run}\n'


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_never_more_jobs_run_than_the_width_allows(start, full, tmp_path):
    count = 2_000 if full else 60
    # The first ones wait for each other, so that as many run at once as may.
    script = (f"touch {tmp_path}/$JOBD_JOB_ID; until [ $(ls {tmp_path} | wc -l) -ge {WIDTH} ]; do sleep 0.01; done; "
              "date +'::result begin=%s%N' >$JOBD_REPORTS; sleep 0.0$(($$ % 5)); date +'::result end=%s%N' >$JOBD_REPORTS")
    tmp_path.chmod(0o777)
    jobd = start(configuration(script) + f'write = ["{tmp_path}"]\n')
    ids = [f"w{number}" for number in range(count)]
    for job_id in ids:
        assert jobd.post("/api/jobs", {"jobId": job_id, "jobType": "work", "fileIds": []}).status == 201
    jobs = [jobd.wait(job_id) for job_id in ids]
    assert {job["status"] for job in jobs} == {"completed"}
    moments = sorted(
        [(job["result"]["begin"], 1) for job in jobs] + [(job["result"]["end"], -1) for job in jobs])
    running = most = 0
    for _, change in moments:
        running += change
        most = max(most, running)
    assert most == WIDTH


def test_the_slot_of_a_cancelled_job_is_taken_by_the_next(start):
    jobd = start(configuration("echo ready; exec sleep 1000"))
    ids = [f"c{number}" for number in range(20)]
    for job_id in ids:
        assert jobd.post("/api/jobs", {"jobId": job_id, "jobType": "work", "fileIds": []}).status == 201
    delays, stops = [], []
    for number, job_id in enumerate(ids[:-WIDTH]):
        begun = moment(jobd.get(f"/api/jobs/{job_id}?wait=30&since=1").json["startedAt"] or "")
        assert jobd.post(f"/api/jobs/{job_id}/cancel").status in (200, 202)
        ended = jobd.wait(job_id)
        assert ended["status"] == "cancelled", ended
        assert ended["error"] is None or ended["error"]["signal"] == "SIGTERM", ended
        follower = jobd.get(f"/api/jobs/{ids[number + WIDTH]}?wait=30&since=1").json
        assert follower["status"] == "processing", follower
        delays.append((moment(follower["startedAt"]) - moment(ended["finishedAt"])).total_seconds() * 1000)
        stops.append((moment(ended["finishedAt"]) - moment(ended["cancelRequestedAt"])).total_seconds() * 1000)
        assert begun <= moment(ended["finishedAt"])
    print(f"slot taken after {max(delays):.0f} ms at most; a step stopped within {max(stops):.0f} ms", file=sys.stderr)
    [queue] = [queue for queue in jobd.get("/api/queues").json["queues"] if queue["name"] == "narrow"]
    assert (queue["running"], queue["queued"], queue["width"]) == (WIDTH, 0, WIDTH)
