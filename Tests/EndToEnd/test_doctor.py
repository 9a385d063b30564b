"""jobctl doctor finds what is wrong, top shows what goes on."""

import fcntl
import http.client
import json
import os
import pty
import re
import select
import socketserver
import sqlite3
import struct
import subprocess
import termios
import threading
import time

import pytest

from service import JOBD, PATIENCE, one_step, wait_for
from test_access import restart_nginx


@pytest.fixture
def service(start):
    jobd = start(one_step("run = ['true']"))
    return jobd


def doctor(jobd, *arguments):
    answer = jobd.jobctl("doctor", "--json", *arguments)
    found = json.loads(answer.stdout)
    problems = [finding for finding in found["findings"] if finding["state"] == "problem"]
    assert found["problems"] == len(problems) and answer.returncode == (1 if problems else 0), answer
    assert all(finding["advice"] for finding in problems)
    return found["findings"], problems


def url(jobd):
    return f"http://127.0.0.1:{jobd.port}"


def test_nothing_is_wrong_with_what_is_right(service):
    findings, problems = doctor(service, "--url", url(service), "--seconds", "1")
    assert problems == []
    text = {(finding["check"], finding["state"]): finding["text"] for finding in findings}
    assert re.search(r"An event comes after \d+ ms|It was still open", text["stream", "ok"])
    assert "2 are connected" in text["fronts", "ok"] and "compressed" in text["compression", "ok"]
    assert "opens" in text["websocket", "ok"]
    assert ("nginx", "ok") in text and ("limits", "ok") in text and ("programs", "ok") in text
    assert "in two pieces" in text["uploads", "ok"]
    # It leaves no job and no file behind.
    assert service.get("/api/jobs").json["jobs"] == []
    assert service.get("/api/stats").json["storage"]["files"] == 0
    told = service.jobctl("doctor", check=0).stdout
    assert told.endswith("Nothing is wrong.\n") and "ok       socket" in told


def test_nothing_is_wrong_as_packaged(start):
    """Where nobody has only jobs whose ids cannot be guessed."""
    jobd = start('[access]\nanonymous = "ids"\n')
    findings, problems = doctor(jobd, "--url", url(jobd), "--seconds", "1")
    assert problems == [] and ("stream", "ok") in {(finding["check"], finding["state"]) for finding in findings}, findings


def test_what_is_wrong_with_the_daemon(start):
    jobd = start(one_step("run = ['jobd-no-such-program']") + "[storage]\nminimumFreeBytes = 9007199254740992\n")
    os.chmod(jobd.directory / "data", 0o755)
    os.chmod(jobd.directory / "run/jobd.sock", 0o666)
    jobd.post("/api/queues/default/pause")
    (jobd.directory / "jobd.toml").write_text("[front]\nuploads = 0\n")
    findings, problems = doctor(jobd)
    wrong = {finding["check"]: finding for finding in problems}
    assert set(wrong) == {"socket", "disk", "permissions", "programs", "configuration"}
    assert "jobd-no-such-program is missing" in wrong["programs"]["text"]
    assert "front.uploads" in wrong["configuration"]["text"] and ":2" in wrong["configuration"]["text"]
    assert any("default is paused" in finding["text"] for finding in findings)


def test_a_configuration_that_is_not_in_force(service):
    (service.directory / "jobd.toml").write_text("[queues.more]\nwidth = 3\n[front]\nuploads = 3\n")
    findings, problems = doctor(service)
    told = {finding["advice"]: finding["text"] for finding in findings if finding["check"] == "configuration"}
    assert problems == [] and "queues.more" in told["jobctl reload applies it."]
    assert "front" in told["A restart applies it."]


def test_what_has_been_waiting_for_long_is_named(start, tmp_path):
    """A job whose application has gone, and messages that do not arrive: made old in the store, behind the daemon's back."""
    (tmp_path / "key").write_text("whsec_" + "A" * 43 + "=\n")
    jobd = start(f'[webhooks.shop]\nurl = "http://127.0.0.1:1/"\nsecretFile = "{tmp_path}/key"\nallowPrivate = true\n')
    for job_id in ("gone", "told"):
        assert jobd.post("/api/jobs", {"jobId": job_id, "jobType": "import", "webhook": "shop"}).status == 201
    assert jobd.request("PATCH", "/api/jobs/gone", {"status": "processing"}).status == 200
    assert jobd.post("/api/jobs/told/cancel", {}).status == 200
    findings, problems = doctor(jobd)
    told = {finding["check"]: finding for finding in findings}
    assert problems == [] and "silent" not in told and told["webhooks"]["text"] == "Messages arrive.", findings
    jobd.stop()
    with sqlite3.connect(jobd.directory / "data/jobd.sqlite") as store:
        aged = "UPDATE job SET updated_at = updated_at - 3700000, heard_at = heard_at - 3700000 WHERE id = 'gone'"
        assert store.execute(aged).rowcount == 1
        assert store.execute("UPDATE delivery SET created_at = created_at - 1200000").rowcount == 1
    store.close()
    jobd.start()
    findings, problems = doctor(jobd)
    told = {finding["check"]: finding for finding in findings}
    assert [problem["check"] for problem in problems] == ["webhooks"], problems
    assert "1 message waits for shop, the oldest for 20 minutes." == problems[0]["text"] and "jobctl webhooks" in problems[0]["advice"]
    assert told["silent"]["state"] == "note" and "jobctl cancel gone" in told["silent"]["advice"]
    assert 'jobd_webhook_pending{webhook="shop"} 1' in jobd.jobctl("metrics", check=0).stdout


def test_jobs_that_nobody_may_read_any_more_are_named(start):
    jobd = start('[access]\nanonymous = "ids"\n')
    assert jobd.post("/api/jobs", {}).status == 201
    assert not [finding for finding in doctor(jobd)[0] if finding["check"] == "access"]
    jobd.jobctl("create", "--id", "contract-7", check=0)
    assert jobd.get("/api/jobs/contract-7").status == 404
    [found] = [finding for finding in doctor(jobd)[0] if finding["check"] == "access"]
    assert found["state"] == "note" and "such as contract-7:" in found["text"] and '"any"' in found["advice"], found


def test_a_daemon_that_is_not_there(tmp_path):
    (tmp_path / "jobctl").symlink_to(JOBD)
    for path, said in [(tmp_path / "none", "No such file"), (tmp_path / "jobctl", "not a socket")]:
        answer = subprocess.run(
            [tmp_path / "jobctl", "doctor", "--socket", path], capture_output=True, text=True, timeout=PATIENCE)
        assert answer.returncode == 1 and said in answer.stdout and "systemctl" in answer.stdout, answer


class Proxy(socketserver.ThreadingTCPServer):
    """A web server between the doctor and nginx that does what such servers do wrong."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port, fault):
        self.fault, self.port = fault, port
        super().__init__(("127.0.0.1", 0), ProxyHandler)


class ProxyHandler(socketserver.StreamRequestHandler):
    def handle(self):
        fault = self.server.fault
        path = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            pass
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        headers = {"Accept-Encoding": "identity"} if fault != "compressed" else {"Accept-Encoding": "gzip"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        is_stream = path.endswith("/stream")
        version = "1.0" if fault == "old" else "1.1"
        extra = "Content-Encoding: gzip\r\n" if fault == "compressed" and is_stream else ""
        status = 404 if fault == "unknown" else answer.status
        self.wfile.write(f"HTTP/{version} {status} X\r\nConnection: close\r\n{extra}\r\n".encode())
        end = time.monotonic() + 0.5
        kept = b""
        while line := answer.readline():
            if is_stream and fault == "cut" and time.monotonic() > end:
                return
            if is_stream and fault == "buffered":
                kept += line
                if len(kept) < 16_384:
                    continue
            self.wfile.write(kept or line)
            kept = b""
            if is_stream and fault == "cut" and line == b"id: 2\n":
                return


@pytest.mark.parametrize("fault, said", [
    ("buffered", "collects them"), ("cut", "cut off after|events come late"), ("compressed", "compressed"),
    ("old", "HTTP/1.0"), ("unknown", "does not know jobd's routes"),
])
def test_what_is_wrong_with_a_web_server(service, fault, said):
    with Proxy(service.port, fault) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        findings, problems = doctor(service, "--url", f"http://127.0.0.1:{proxy.server_address[1]}", "--seconds", "3")
        proxy.shutdown()
    # This one passes no WebSockets on either, which is said, too.
    others = [problem for problem in problems if problem["check"] != "websocket"]
    assert len(others) == 1 and re.search(said, others[0]["text"]), findings
    assert service.get("/api/jobs").json["jobs"] == []


def test_what_a_site_would_lose_is_told(service, start):
    """An application that has some of the addresses itself, before and after the line is there."""
    directory = service.directory / "nginx"
    site = (directory / "jobd_site").read_text()
    own = """
    location = /jobs/ { return 200 "Work with us"; }
    location = /metrics { return 401; }
    location = /api/jobs { return 200 "[]"; }
    location / { return 200 "any page"; }
    """
    assert "return 404;\n    }" in site
    bare = re.sub(r"(?s)    location / \{.*?\}\n", own, site).replace("    include jobd_operator_locations;\n", "")
    restart_nginx(service, "jobd_site", bare.replace("    include jobd_locations;\n", "    location ^~ /.jobd/ { return 404; }\n"),
                  ready="/")
    findings, problems = doctor(service, "--url", url(service))
    assert [problem["text"] for problem in problems] == [f"{url(service)} does not know jobd's routes."]
    [jobs, operators] = [finding for finding in findings if "It answers itself" in finding["text"]]
    assert "itself: /api/jobs (200)." in jobs["text"] and "include jobd_locations;" in jobs["advice"]
    assert "itself: /metrics (401), /jobs/ (200)." in operators["text"]
    assert "include jobd_operator_locations;" in operators["advice"]

    restart_nginx(service, "jobd_site", bare.replace('    location = /api/jobs { return 200 "[]"; }\n', ""), ready="/")
    findings, problems = doctor(service, "--url", url(service), "--seconds", "1")
    assert problems == []
    [operators] = [finding for finding in findings if "It answers itself" in finding["text"]]
    assert "itself: /metrics (401), /jobs/ (200)." in operators["text"]
    assert any("no dashboard" in finding["text"] for finding in findings)
    assert service.jobctl("list", "--json", check=0).stdout == ""


def test_no_web_server_at_all(service):
    _, problems = doctor(service, "--url", "http://127.0.0.1:1")
    assert len(problems) == 1 and "does not answer" in problems[0]["text"]


def test_no_curl_to_ask_with(service, tmp_path):
    answer = service.jobctl("doctor", "--json", "--url", url(service), env={"PATH": str(tmp_path)})
    [problem] = [finding for finding in json.loads(answer.stdout)["findings"] if finding["state"] == "problem"]
    assert answer.returncode == 1 and problem["check"] == "site" and problem["text"].startswith("curl is missing")
    assert "apt-get install curl" in problem["advice"]


def test_top_prints_one_picture_where_there_is_no_terminal(start):
    jobd = start(one_step("run = ['sh', '-c', 'echo ::progress 40 Working >$JOBD_REPORTS; cat > /dev/null < $JOBD_INPUT; sleep 60']"))
    job = jobd.process()["jobId"]
    wait_for(lambda: jobd.job(job)["message"] == "Working", "its progress")
    shown = jobd.jobctl("top", check=0).stdout
    assert "\x1b" not in shown and re.search(rf"{job}\s+processing\s+40%\s+\d+ s\s+contract\.pdf\s+Working", shown), shown
    assert re.search(r"default\s+1\s+\d+\s+0", shown) and re.search(r"\nLast whole minute: created \d+, ", shown)
    state = json.loads(jobd.jobctl("top", "--json", check=0).stdout)
    assert [entry["jobId"] for entry in state["jobs"]] == [job] and state["status"]["version"]


def test_top_lives_on_a_terminal_until_it_is_told_to_end(service):
    service.post("/api/jobs", {"jobId": "first", "fileIds": []})
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 90, 0, 0))
    before = termios.tcgetattr(child)
    top = subprocess.Popen(
        [service.directory / "jobctl" if service.jobctl("status", check=0) else "", "--socket",
         service.directory / "run/jobd.sock", "top", "--interval", "0.1"],
        stdin=child, stdout=child, stderr=child)
    seen = b""

    def shows(text):
        nonlocal seen
        if select.select([parent], [], [], 0)[0]:
            seen += os.read(parent, 65_536)
        return text in seen

    wait_for(lambda: shows(b"completed 1"), "the first picture")
    # Each picture begins at the top, wherever the last one ended.
    lines = re.sub(rb"\x1b\[[^a-zA-Z]*[a-zA-Z]", b"", seen.replace(b"\x1b[H", b"\r\n")).split(b"\r\n")
    assert all(len(line.strip(b"\r").decode()) <= 90 for line in lines), lines
    service.post("/api/jobs", {"jobId": "second", "fileIds": []})
    wait_for(lambda: shows(b"completed 2"), "what has changed")
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 40, 0, 0))
    wait_for(lambda: shows(b"scheduled 0,\x1b[K"), "a narrower picture")
    os.write(parent, b"q")
    while top.poll() is None:
        shows(b"")
    assert top.returncode == 0 and shows(b"\x1b[?1049l") is not None
    wait_for(lambda: shows(b"\x1b[?1049l"), "the terminal as it was")
    assert termios.tcgetattr(child)[:4] == before[:4]
