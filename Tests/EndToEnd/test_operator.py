"""What an operator finds in the log, changes while it runs, and follows through a trace."""

import re
import signal
import os

import pytest

from service import one_step, wait_for

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def lines(jobd, **fields):
    """Lines of the log with these fields, but for those that say who asked."""
    return [
        line for line in jobd.messages().splitlines()
        if ": audit " not in line and all(f" {name}={value}" in line for name, value in fields.items())]


def test_what_became_of_a_job_is_one_line(start):
    jobd = start(one_step("run = ['sh', '-c', 'exit $(cat $JOBD_INPUT)']"))
    jobd.wait(jobd.process(b"0", "good", message="a secret")["jobId"])
    jobd.wait(jobd.process(b"3", "bad")["jobId"])
    jobd.post("/api/jobs", {"jobId": "left", "metadata": {"password": "hunter2"}})
    jobd.post("/api/jobs/left/cancel", {"reason": "hunter3"})
    [good], [bad], [left] = (lines(jobd, job=job) for job in ("good", "bad", "left"))
    assert re.search(r"info: job ended .*attempt=1 .*queue=default ranMs=\d+ .*status=completed", good), good
    assert re.search(r"notice: job ended .*error=exit exitCode=3 .*status=failed step=step", bad), bad
    assert " status=cancelled" in left
    assert not re.search("secret|hunter", jobd.messages())


def test_the_level_of_the_log_is_changed_by_a_reload(start):
    jobd = start(one_step("run = ['true']"))
    configuration = jobd.directory / "jobd.toml"
    before = configuration.read_text()
    configuration.write_text(before + '[log]\nlevel = "debug"\n')
    assert "changed: log.level" in jobd.jobctl("reload", check=0).stdout
    jobd.wait(jobd.process(b"", "detailed")["jobId"])
    assert [re.search(r"(\w+): job (\w+)", line).groups() for line in lines(jobd, job="detailed")] == [
        ("debug", "created"), ("debug", "started"), ("info", "ended")]
    configuration.write_text(before + '[log]\nlevel = "warning"\n')
    [daemon] = jobd.part("serve")
    os.kill(daemon, signal.SIGHUP)
    wait_for(lambda: jobd.messages().count("the configuration was reloaded") == 1, "the reload")
    jobd.wait(jobd.process(b"", "silent")["jobId"])
    assert lines(jobd, job="silent") == []


def test_a_front_reads_its_level_again_and_goes_on(start):
    jobd = start(fronts=1)
    [front] = jobd.part("fastcgi")
    os.kill(front, signal.SIGHUP)
    wait_for(lambda: "the level of the log was read again" in jobd.messages(), "the reload")
    assert jobd.get("/api/health/ready").status == 200 and jobd.part("fastcgi") == [front]


@pytest.mark.parametrize("header, kept", [
    (PARENT, PARENT), (PARENT.upper(), ""), ("00-" + "0" * 32 + "-00f067aa0ba902b7-01", ""), ("nonsense", ""),
    (PARENT + "-more", ""), ("cc" + PARENT[2:] + "-more", "cc" + PARENT[2:] + "-more"), ("ff" + PARENT[2:], ""),
])
def test_a_trace_goes_on_in_the_steps(start, header, kept):
    jobd = start(one_step("run = ['sh', '-c', 'echo \"::result parent=\\\"$TRACEPARENT\\\"\" >$JOBD_REPORTS']"))
    file = jobd.upload(b"x")["fileId"]
    for body in ({"jobId": "a", "fileIds": [file]}, {"jobId": "b"}):
        assert jobd.post("/api/jobs", body, headers={"traceparent": header}).status == 201
    # What is pending is run by another request, which may have a trace of its own; it survives a crash.
    jobd.kill()
    wait_for(lambda: jobd.get("/api/health/ready").status == 200, "the daemon's return")
    assert jobd.post("/api/file-manager/process", {"jobId": "b", "fileIds": [file]}).status == 202
    for job in (jobd.wait("a"), jobd.wait("b")):
        assert job["status"] == "completed" and job["result"]["parent"] == kept, job
        assert "traceparent" not in job
    answer = jobd.post("/api/file-manager/process", {"jobId": "c", "fileIds": [file]}, headers={"traceparent": header})
    assert answer.status == 202 and jobd.wait("c")["result"]["parent"] == kept


def test_the_description_says_where_a_trace_may_come_in(jobd):
    document = jobd.get("/api/openapi.json").json
    assert document["components"]["parameters"]["traceparent"]["in"] == "header"
    takes = {operation["operationId"] for methods in document["paths"].values() for operation in methods.values()
             if {"$ref": "#/components/parameters/traceparent"} in operation.get("parameters", [])}
    assert takes == {"createJob", "process"}
