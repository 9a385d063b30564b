"""Whichever front answers, the job is found."""

import collections
import os
import random
import signal
import threading
import time

from service import is_alive, wait_for

FRONTS = 4
CLIENTS = 16


def test_what_one_front_created_every_front_finds_at_once(start, full):
    jobs = 20_000 if full else 2_000
    jobd = start(fronts=FRONTS)
    assert len(jobd.part("fastcgi")) == FRONTS
    answers = collections.Counter()
    wrong = []

    def client(numbers):
        for number in numbers:
            path = f"/api/jobs/n-{number}"
            created = jobd.post("/api/jobs", {"jobId": f"n-{number}", "metadata": {"number": number}})
            read = jobd.get(path)
            answers["created", created.status] += 1
            answers["read", read.status] += 1
            if (created.status, read.status) != (201, 200) or read.json["metadata"] != {"number": number}:
                wrong.append((created, read))

    began = time.monotonic()
    run_together(client, [range(first, jobs, CLIENTS) for first in range(CLIENTS)])
    print(f"{jobs} created and read by {CLIENTS} clients in {time.monotonic() - began:.1f} s: {dict(answers)}")
    assert not wrong, wrong[:5]
    assert answers == {("created", 201): jobs, ("read", 200): jobs}


def run_together(body, arguments):
    """One thread for each argument; raises what any of them raised."""
    errors = []

    def run(argument):
        try:
            body(argument)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[argument]) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_fronts_that_die_under_load_are_hardly_noticed(start, full):
    """Reads and creates go to another front; streams come back."""
    kills = 40 if full else 8
    jobd = start(fronts=FRONTS)
    job_id = jobd.post("/api/jobs", {}).json["jobId"]
    over = threading.Event()
    answers, created, versions = collections.Counter(), [], []
    longest, rounds = [0.0], [0] * 8

    def client(number):
        count = 0
        while not over.is_set():
            count += 1
            began = time.monotonic()
            read = jobd.get(f"/api/jobs/{job_id}")
            body = {"jobId": f"c-{number}-{count}"} if count % 2 else {"message": f"m-{number}-{count}"}
            made = jobd.post("/api/jobs", body)
            longest[0] = max(longest[0], time.monotonic() - began)
            answers["read", read.status] += 1
            answers["create", made.status] += 1
            created.append(made.json.get("jobId"))
            rounds[number] = count

    def follower(_):
        for event in jobd.follow(job_id):
            versions.append(event.json["version"])

    def killer(_):
        dice = random.Random(5)
        try:
            for kill in range(kills):
                front = dice.choice(jobd.part("fastcgi"))
                os.kill(front, dice.choice([signal.SIGKILL, signal.SIGTERM]))
                jobd.request("PATCH", f"/api/jobs/{job_id}", {"message": f"kill {kill}"})
                wait_for(lambda: not is_alive(front) and len(jobd.part("fastcgi")) == FRONTS, "the front")
                # nginx tries again once: a request meets one death, and the next comes when all that met this are over.
                before = list(rounds)
                wait_for(lambda: all(now > then for now, then in zip(rounds, before)), "the clients")
        finally:
            over.set()
            jobd.jobctl("cancel", job_id)

    run_together(lambda body: body[0](body[1]), [(killer, 0), (follower, 0), *((client, number) for number in range(8))])
    print(f"{kills} fronts killed, slowest read and create {longest[0]:.2f} s: {dict(answers)}")
    assert {status for kind, status in answers if kind == "read"} == {200}
    assert {status for kind, status in answers if kind == "create"} <= {200, 201}
    # What was repeated made no second job.
    assert sum(jobd.get("/api/stats").json["counts"].values()) == len(set(created)) + 1 == len(created) + 1
    # Whoever comes back is shown the present state first, be it the one that he has.
    assert versions == sorted(versions) and versions[-1] == jobd.job(job_id)["version"]
    assert all(jobd.get(f"/api/jobs/{job_id}").status == 200 for job_id in created[::50])
