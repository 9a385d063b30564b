"""Whichever front answers, the job is found."""

import collections
import threading
import time

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
