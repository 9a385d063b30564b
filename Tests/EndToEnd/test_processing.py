"""Real files of every kind: what their jobs find is what the tools find when they are called by hand."""

import hashlib
import os
import re
import shutil
import subprocess
import sys

import corpus
from test_fronts import run_together

WIDTH = 4
CONFIGURATION = f"[queues.default]\nwidth = {WIDTH}\n"


def by_hand(command, **more):
    return subprocess.run(command, capture_output=True, **more)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Checker:
    """One file and its job."""

    def __init__(self, jobd, job, content, directory):
        self.jobd, self.job, self.content = jobd, job, content
        self.type = job["files"][0]["mediaType"]
        self.path = directory / f"1.{job['files'][0]['name'].rsplit('.')[-1]}"
        self.path.write_bytes(content)
        self.directory = directory

    def check(self):
        job = self.job
        expected = {"name": job["files"][0]["name"], "size": len(self.content), "sha256": sha256(self.content)}
        [found] = job["result"]["files"]
        assert expected.items() <= found.items(), found
        assert found["mediaType"] == by_hand(["file", "--brief", "--mime-type", self.path], text=True).stdout.strip() or (
            found["mediaType"] == "application/x-empty" and not self.content), found
        if self.type == "application/pdf":
            self.check_pdf(self.path)
        elif self.type.startswith("image/"):
            self.check_image()
        elif self.type.startswith("text/"):
            self.check_text(self.content)
        elif self.type.endswith("wordprocessingml.document"):
            self.check_document()
        else:
            assert job["status"] == "completed" and job["artifacts"] == [], job
            assert job["message"] == job["result"]["notice"] == found["notice"], job
            assert job["message"].startswith("Nothing was done with "), job
            assert [step["name"] for step in job["result"]["steps"]] == ["inspect"]

    def check_pdf(self, path):
        extracted = by_hand(["pdftotext", "-enc", "UTF-8", path, "-"])
        if extracted.returncode:
            return self.check_failure("extract-text", extracted)
        facts = by_hand(["pdfinfo", "-enc", "UTF-8", path])
        if facts.returncode:
            return self.check_failure("read-properties", facts)
        job = self.job
        assert job["status"] == "completed", job
        pages = int(re.search(rb"^Pages: +(\d+)", facts.stdout, re.M)[1])
        assert job["result"]["pages"] == pages and job["result"]["encrypted"] is False, job["result"]
        text = extracted.stdout
        if not text.split() and shutil.which("tesseract"):
            text = self.recognized(path)
        assert self.artifact("text.txt") == text
        self.check_text(text)
        by_hand(["pdftoppm", "-jpeg", "-scale-to", "1000", "-l", "5", path, self.directory / "page"], check=True)
        previews = sorted(self.directory.glob("page-*.jpg"))
        assert len(previews) == min(pages, 5)
        for preview in previews:
            assert self.artifact(preview.name) == preview.read_bytes()

    def recognized(self, path):
        by_hand(["pdftoppm", "-r", "200", "-gray", "-png", path, self.directory / "scan"], check=True)
        text = b""
        for page in sorted(self.directory.glob("scan*.png")):
            text += by_hand(["tesseract", page, "-"], check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}).stdout
        assert b"Contract" in text
        return text

    def check_image(self):
        facts = by_hand(["vipsheader", "-a", self.path], text=True, check=True).stdout
        for field in ("width", "height", "bands"):
            assert self.job["result"][field] == int(re.search(rf"^{field}: (\d+)", facts, re.M)[1]), self.job["result"]
        target = self.directory / "thumbnail.webp"
        by_hand(["vipsthumbnail", "--size", "400x400>", "--output", f"{target}[strip]", self.path], check=True)
        assert self.artifact("thumbnail.webp") == target.read_bytes()

    def check_text(self, text):
        result = self.job["result"]
        decoded = text.decode()
        words = re.findall(r"\S+", decoded)
        assert result["words"] == len(words), result
        assert result["lines"] == text.count(b"\n")
        assert result["characters"] == len(decoded.replace("\f", ""))
        assert result.get("excerpt", "") == " ".join(words)[:500].rstrip("\n"), result

    def check_document(self):
        if not shutil.which("soffice"):
            assert self.job["status"] == "completed"
            [line] = self.lines("convert-to-pdf")
            assert "soffice is not installed" in line["text"], line
            return
        home = {**os.environ, "HOME": str(self.directory)}
        by_hand(["soffice", "--headless", "--convert-to", "pdf", "--outdir", self.directory, self.path], check=True, env=home)
        made = self.directory / f"{self.path.stem}.pdf"
        text = by_hand(["pdftotext", "-enc", "UTF-8", made, "-"], check=True).stdout
        assert self.artifact("text.txt") == text
        assert self.artifact("document.pdf").startswith(b"%PDF-")
        self.check_text(text)

    def check_failure(self, step, run):
        error = self.job["error"]
        assert self.job["status"] == "failed", self.job
        code = "password" if b"Incorrect password" in run.stderr else "damaged-file"
        assert (error["code"], error["step"]) == (code, step), error
        assert error["exitCode"] == (10 if code == "password" else run.returncode), error
        assert error["cause"].splitlines()[-1] in run.stderr.decode(errors="replace"), error
        assert error["message"].startswith("The PDF is "), error
        assert self.job["artifacts"] == []
        [*_, failed] = self.job["result"]["steps"]
        assert (failed["name"], failed["status"]) == (step, "failed")

    def artifact(self, name):
        [artifact] = [artifact for artifact in self.job["artifacts"] if artifact["name"] == name]
        answer = self.jobd.get(artifact["href"])
        assert answer.status == 200 and len(answer.body) == artifact["size"], answer
        assert sha256(answer.body) == artifact["sha256"]
        return answer.body

    def lines(self, step):
        lines = self.jobd.get(f"/api/jobs/{self.job['jobId']}/logs?limit=500").json["lines"]
        return [line for line in lines if line["step"] == step]


def test_every_kind_of_file_gives_what_the_tools_give_by_hand(start, full, tmp_path):
    jobd = start(CONFIGURATION)
    files = list(corpus.files(200 if full else len(corpus.KINDS)))
    jobs = []
    for name, content in files:
        uploaded = jobd.upload(content, name)
        answer = jobd.post("/api/file-manager/process", {"fileIds": [uploaded["fileId"]]})
        assert answer.status == 202, answer
        jobs.append(answer.json["jobId"])
    ended = [jobd.wait(job) for job in jobs]
    for job in ended:
        for step in job["result"]["steps"]:
            assert step["startedAt"] >= job["startedAt"] and step["elapsedMs"] >= 0

    def check(numbers):
        for number in numbers:
            directory = tmp_path / str(number)
            directory.mkdir()
            Checker(jobd, ended[number], files[number][1], directory).check()
            shutil.rmtree(directory)

    run_together(check, [range(first, len(files), WIDTH) for first in range(WIDTH)])
    outcomes = {}
    for job in ended:
        outcomes[job["status"]] = outcomes.get(job["status"], 0) + 1
    print(f"{len(files)} files, {WIDTH} at a time: {outcomes}", file=sys.stderr)
    assert outcomes["completed"] > outcomes["failed"] > 0


def test_several_files_in_one_job_are_told_apart(start):
    jobd = start()
    names = ["pages.pdf", "photo.jpg", "notes.txt", "pages.pdf"]
    uploaded = [jobd.upload(corpus.KINDS[name](number), name)["fileId"] for number, name in enumerate(names, 1)]
    answer = jobd.post("/api/file-manager/process", {"fileIds": uploaded})
    states = [event.json for event in jobd.follow(answer.json["jobId"])]
    job = states[-1]
    assert job["status"] == "completed", job
    assert [file["name"] for file in job["result"]["files"]] == names
    assert [file.get("pages") for file in job["result"]["files"]] == [2, None, None, 5]
    assert "pages" not in job["result"]
    made = {artifact["name"] for artifact in job["artifacts"]}
    assert {"1-text.txt", "4-text.txt", "2-thumbnail.webp", "1-page-1.jpg", "4-page-5.jpg"} <= made
    progress = [state["progress"] for state in states]
    assert progress == sorted(progress) and progress[-1] == 100
