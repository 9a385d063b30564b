"""The main job: a PDF goes in through nginx, and its text comes out."""

import base64
import hashlib
import subprocess

from service import CONTRACT, one_step

TEXT = subprocess.run(["pdftotext", "-enc", "UTF-8", CONTRACT, "-"], capture_output=True, check=True).stdout


def test_a_pdf_becomes_text_while_its_job_is_followed(jobd):
    content = CONTRACT.read_bytes()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    upload = jobd.post(
        "/api/files?name=contract.pdf", content, headers={"Repr-Digest": f"sha-256=:{digest}:"})
    assert upload.status == 201, upload
    file = upload.json
    assert file["name"] == "contract.pdf" and file["size"] == len(content)
    assert file["mediaType"] == "application/pdf" and file["sha256"] == hashlib.sha256(content).hexdigest()
    assert jobd.get(f"/api/files/{file['fileId']}").json == file

    answer = jobd.post("/api/file-manager/process", {"jobId": "road-1", "fileIds": [file["fileId"]]})
    assert answer.status == 202, answer
    assert answer.json["jobId"] == "road-1" and answer.json["files"] == [file]

    states = [event.json for event in jobd.stream("road-1")]
    assert [state["version"] for state in states] == sorted({state["version"] for state in states})
    assert [state["progress"] for state in states] == sorted(state["progress"] for state in states)
    job = states[-1]
    assert (job["status"], job["progress"], job["attempt"], job["crashes"]) == ("completed", 100, 1, 0)
    assert job["runner"] == "jobd" and job["startedAt"] <= job["finishedAt"] and job["error"] is None
    assert job["result"]["pages"] == 10 and job["result"]["words"] == len(TEXT.split())

    artifact, *previews = job["artifacts"]
    assert [preview["name"] for preview in previews] == [f"page-0{number}.jpg" for number in range(1, 6)]
    assert artifact["name"] == "text.txt" and artifact["mediaType"] == "text/plain"
    text = jobd.get(artifact["href"])
    assert text.status == 200 and text.body == TEXT
    assert hashlib.sha256(text.body).hexdigest() == artifact["sha256"]
    assert text.headers["x-content-type-options"] == "nosniff"
    assert text.headers["content-disposition"].startswith("attachment")
    part = jobd.get(artifact["href"], headers={"Range": "bytes=9-12"})
    assert (part.status, part.body) == (206, TEXT[9:13])
    assert part.headers["content-range"] == f"bytes 9-12/{len(TEXT)}"


def test_the_same_files_are_never_processed_twice(jobd):
    job = jobd.process(job_id="twice")
    done = jobd.wait(job["jobId"])
    again = jobd.post("/api/file-manager/process", {"jobId": "twice", "fileIds": [job["files"][0]["fileId"]]})
    assert (again.status, again.json) == (200, done)
    same = jobd.upload(CONTRACT.read_bytes())
    assert jobd.post("/api/file-manager/process", {"jobId": "twice", "fileIds": [same["fileId"]]}).status == 200
    other = jobd.upload(CONTRACT.read_bytes() + b"\n%")
    refused = jobd.post("/api/file-manager/process", {"jobId": "twice", "fileIds": [other["fileId"]]})
    assert (refused.status, refused.json["code"]) == (409, "job-conflict")


def test_the_lines_of_the_steps_are_kept(start):
    jobd = start(one_step("""run = ["sh", "-c", "echo one; echo two >&2; printf '\\\\377\\\\n'"]"""))
    job = jobd.wait(jobd.process()["jobId"])
    assert job["status"] == "completed", job
    logs = jobd.get(f"/api/jobs/{job['jobId']}/logs").json
    lines = {(line["stream"], line["text"]) for line in logs["lines"]}
    assert lines == {("stdout", "one"), ("stderr", "two"), ("stdout", "\ufffd")}
    assert [line["n"] for line in logs["lines"]] == [1, 2, 3]
    assert {line["step"] for line in logs["lines"]} == {"step"}
    rest = jobd.get(f"/api/jobs/{job['jobId']}/logs?after=2&limit=10").json
    assert [line["n"] for line in rest["lines"]] == [3]


def test_a_job_without_files_waits_for_them(jobd):
    created = jobd.post("/api/jobs", {"jobId": "later", "message": "Waiting for the upload"})
    assert created.status == 201 and created.headers["location"] == "/api/jobs/later"
    assert created.json["status"] == "pending" and created.json["message"] == "Waiting for the upload"
    again = jobd.post("/api/jobs", {"jobId": "later", "message": "another"})
    assert (again.status, again.json) == (200, created.json)
    file = jobd.upload(CONTRACT.read_bytes())
    assert jobd.post("/api/file-manager/process", {"jobId": "later", "fileIds": [file["fileId"]]}).status == 202
    assert jobd.wait("later")["status"] == "completed"


def test_health_is_told(jobd):
    assert jobd.get("/api/health/live").status == 200
    assert jobd.get("/api/health/ready").status == 200
