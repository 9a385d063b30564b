"""Webhooks, as their receivers see them: the real daemon and `jobd deliver`, and the Standard Webhooks library."""

import base64
import re
import socket

import pytest

from receiver import Receiver
from service import wait_for

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_SECRET = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()

PIPELINES = """
[pipelines.quick]
[[pipelines.quick.steps]]
name = "quick"
run = ["true"]
[pipelines.wrong]
[[pipelines.wrong.steps]]
name = "wrong"
run = ["false"]
"""


@pytest.fixture
def receiver():
    receiver = Receiver(SECRET)
    yield receiver
    receiver.stop()


@pytest.fixture
def secret_file(tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"# the second one is on its way out\n{SECRET}\n{OLD_SECRET}\n")
    return file


def hook(name, url, secret_file, more=""):
    return f"""
[webhooks.{name}]
url = "{url}"
secretFile = "{secret_file}"
{more}
"""


def create(jobd, job_id, job_type="quick", **fields):
    answer = jobd.post("/api/jobs", {"jobId": job_id, "jobType": job_type, "fileIds": [], **fields})
    assert answer.status == 201, answer
    return answer.json


def deliveries(jobd, **query):
    answer = jobd.get("/api/jobd/webhooks/deliveries?" + "&".join(f"{key}={value}" for key, value in query.items()))
    assert answer.status == 200, answer
    return answer.json["deliveries"]


def words(messages):
    return [(content["type"], content["data"]["jobId"], content["data"]["status"]) for _, content in messages]


def test_a_receiver_is_told_of_jobs_that_name_it_and_of_its_types(start, receiver, secret_file):
    private = "allowPrivate = true\n"
    jobd = start(
        PIPELINES + hook("shop", receiver.url, secret_file, private + 'events = ["started", "completed", "failed"]')
        + hook("types", receiver.url, secret_file, private + 'jobTypes = ["wrong"]'))
    create(jobd, "good", webhook="shop", metadata={"order": 7})
    first = receiver.wait(2)
    assert words(first) == [("job.started", "good", "processing"), ("job.completed", "good", "completed")]
    assert first[1][1]["data"] == jobd.get("/api/jobs/good").json
    assert first[1][1]["data"]["metadata"] == {"order": 7}
    create(jobd, "bad", "wrong")
    assert words(receiver.wait(3)[2:]) == [("job.failed", "bad", "failed")]
    create(jobd, "untold")
    jobd.wait("untold")
    # All has arrived that there is, and each with a signature that the library takes.
    wait_for(lambda: not deliveries(jobd, status="pending"), "the end of all messages")
    assert len(receiver.messages) == 3 and receiver.refused == []
    listed = deliveries(jobd)
    assert [entry["id"] for entry in reversed(listed)] == [message for message, _ in receiver.messages]
    assert {(entry["status"], entry["attempts"], entry["httpStatus"]) for entry in listed} == {("delivered", 1, 204)}
    answer = jobd.post("/api/jobs", {"jobId": "nobodys", "webhook": "none"})
    assert (answer.status, answer.json["code"], answer.json["pointer"]) == (400, "invalid-request", "/webhook")


def test_what_does_not_arrive_is_tried_again_in_order_under_the_same_id(start, receiver, secret_file):
    receiver.answers = [500, 302]
    jobd = start(
        PIPELINES + hook("shop", receiver.url, secret_file, 'allowPrivate = true\nevents = ["started", "completed"]'))
    create(jobd, "a", webhook="shop")
    jobd.wait("a")
    wait_for(lambda: [entry["attempts"] for entry in deliveries(jobd)] == [0, 1], "the first try")
    # The receiver has asked for an hour's pause.
    waiting, failed = deliveries(jobd)
    assert failed["problem"] == "The receiver answered 500." and failed["httpStatus"] == 500
    assert waiting["nextAttemptAt"] is None and waiting["type"] == "job.completed"
    # Asked for, it does not wait for its time; a redirect is not followed.
    again = f"/api/jobd/webhooks/deliveries/{failed['id']}/redeliver"
    assert jobd.post(again, {}).status == 202
    wait_for(lambda: deliveries(jobd)[1]["httpStatus"] == 302, "the second try")
    assert jobd.post(again, {}).status == 202
    messages = receiver.wait(2)
    assert words(messages) == [("job.started", "a", "processing"), ("job.completed", "a", "completed")]
    assert [message for message, _ in messages] == [failed["id"], waiting["id"]]
    # And once more: the receiver knows it by its id.
    wait_for(lambda: not deliveries(jobd, status="pending"), "the end of all messages")
    assert jobd.jobctl("webhooks", "redeliver", failed["id"], check=0).stdout.strip() == failed["id"]
    assert receiver.wait(3)[2] == messages[0]
    wait_for(lambda: not deliveries(jobd, status="pending"), "the end of all messages")
    table = jobd.jobctl("webhooks", check=0).stdout
    assert re.search(rf"{failed['id']} +shop +job.started +a +delivered +1", table), table
    answer = jobd.post("/api/jobd/webhooks/deliveries/msg_none/redeliver", {})
    assert (answer.status, answer.json["code"]) == (404, "delivery-not-found")


def test_addresses_of_this_machine_are_refused_unless_they_are_allowed(start, receiver, secret_file):
    urls = {
        "plain": receiver.url, "name": f"http://localhost:{receiver.port}/", "number": f"http://2130706433:{receiver.port}/",
        "short": f"http://127.1:{receiver.port}/", "zero": f"http://0.0.0.0:{receiver.port}/",
        "mapped": f"http://[::ffff:127.0.0.1]:{receiver.port}/", "six": f"http://[::1]:{receiver.port}/"}
    jobd = start(PIPELINES + "".join(hook(name, url, secret_file) for name, url in urls.items()))
    for name in urls:
        create(jobd, name, webhook=name)
    wait_for(lambda: sum(bool(entry["problem"]) for entry in deliveries(jobd)) == len(urls), "all tries")
    for entry in deliveries(jobd):
        assert "allowPrivate" in entry["problem"] or "was not found" in entry["problem"], entry
    assert receiver.messages == [] and receiver.refused == []


def test_whatever_is_killed_each_message_arrives_in_order(start, receiver, secret_file):
    jobd = start(
        PIPELINES + hook("shop", receiver.url, secret_file, 'allowPrivate = true\nevents = ["started", "completed"]'))
    ids = [f"job-{number}" for number in range(30)]
    for number, job_id in enumerate(ids):
        # A daemon that was killed may come back later than fronts wait for it.
        body = {"jobId": job_id, "jobType": "quick", "fileIds": [], "webhook": "shop"}
        answer = wait_for(lambda: (answer := jobd.post("/api/jobs", body)).status != 503 and answer, "the daemon")
        assert answer.status in (200, 201), answer
        if number % 10 == 5:
            jobd.kill("serve")
        if number % 10 == 8:
            jobd.kill("deliver")
    for job_id in ids:
        jobd.wait(job_id)
    wait_for(lambda: not deliveries(jobd, status="pending", limit=500), "the end of all messages")
    assert receiver.refused == []
    for job_id in ids:
        came = [(message, content["type"]) for message, content in receiver.messages if content["data"]["jobId"] == job_id]
        # A message may come twice, with the same id; a run that a kill has ended is another start.
        once = list(dict.fromkeys(came))
        assert once[-1][1] == "job.completed" and {word for _, word in once[:-1]} == {"job.started"}, (job_id, came)
        assert came[-1] == once[-1], (job_id, came)


def test_a_receiver_that_hangs_holds_up_nobody_else(start, receiver, secret_file):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        jobd = start(
            PIPELINES + hook("shop", receiver.url, secret_file, "allowPrivate = true")
            + hook("silent", f"http://127.0.0.1:{silent.getsockname()[1]}/", secret_file, "allowPrivate = true"))
        for number in range(20):
            create(jobd, f"silent-{number}", webhook="silent")
        for number in range(5):
            create(jobd, f"shop-{number}", webhook="shop")
        assert {content["data"]["jobId"] for _, content in receiver.wait(5)} == {f"shop-{number}" for number in range(5)}
        assert {entry["status"] for entry in deliveries(jobd, webhook="silent", limit=500)} <= {"pending"}
