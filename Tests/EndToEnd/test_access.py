"""Who may do what: pages of other sites, and strangers."""

import pytest

from service import ROOT, Stream, wait_for
from test_bad_input import problem
from test_fronts import run_together


def test_a_page_of_another_site_changes_nothing(jobd):
    host = f"127.0.0.1:{jobd.port}"
    for headers in ({"Origin": "https://evil.example.com"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        problem(jobd.post("/api/jobs", {"jobId": "csrf"}, headers=headers), 403, "forbidden")
        problem(jobd.post("/api/files", b"x", headers=headers), 403, "forbidden")
        problem(jobd.request("DELETE", "/api/jobs/csrf", headers=headers), 403, "forbidden")
        assert jobd.get("/api/health/live", headers=headers).status == 200
    assert jobd.get("/api/jobs/csrf").status == 404
    for headers in ({"Origin": f"http://{host}"}, {"Sec-Fetch-Site": "same-origin"}):
        assert jobd.post("/api/jobs", {}, headers=headers).status == 201


def test_a_page_that_the_configuration_names_may_do_everything(start):
    origin = "https://app.example.com"
    jobd = start(f'[front]\nallowedOrigins = ["{origin}"]\n')
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    before = jobd.request("OPTIONS", "/api/jobs/a", headers={**headers, "Access-Control-Request-Method": "PATCH"})
    assert before.status == 204 and "PATCH" in before.headers["access-control-allow-methods"]
    answer = jobd.post("/api/jobs", {}, headers=headers)
    assert answer.status == 201 and answer.headers["access-control-allow-origin"] == origin
    problem(jobd.post("/api/jobs", {}, headers={"Origin": "https://evil.example.com"}), 403, "forbidden")


@pytest.fixture
def stranger(start):
    """A service for which this machine is a stranger: what an operator would change, changed the other way round."""
    jobd = start()
    rules = jobd.directory / "nginx/jobd_operators"
    assert rules.read_text() == (ROOT / "config/nginx/jobd_operators").read_text()
    return restart_nginx(jobd, rules, "deny all;\n")


def restart_nginx(jobd, file, text):
    """Changes nginx's configuration, which dev writes at the start only."""
    file.write_text(text)
    jobd.kill("nginx: master")
    wait_for(jobd.accepts, "nginx")
    return jobd


def test_who_asks_too_much_is_told_to_wait(start):
    """The limits as shipped; dev has them switched off, so they are switched on again."""
    jobd = start()
    site = jobd.directory / "nginx/jobd.conf"
    restart_nginx(jobd, site, site.read_text().replace('default "";', "default $binary_remote_addr;", 1))
    answers, refused = [], []

    def ask(_):
        while not refused and len(answers) < 20_000:
            answer = jobd.get("/api/health/live")
            (answers if answer.status == 200 else refused).append(answer)

    run_together(ask, range(8))
    problem(refused[0], 429, "too-many-requests")
    assert refused[0].headers["retry-after"] == "1" and len(answers) > 200


def test_a_stranger_sees_his_own_jobs_and_no_others(stranger):
    jobd = stranger
    job = jobd.process(b"text", "mine")
    assert jobd.wait("mine")["jobId"] == job["jobId"]
    assert jobd.get("/api/jobs/mine").status == 200
    assert jobd.get("/api/jobs/mine/logs").status == 200
    assert Stream(jobd, "/api/jobs/stream?ids=mine").status == 200
    assert jobd.request("OPTIONS", "/api/jobs").status == 204
    assert jobd.post("/api/jobs", {}).status == 201
    for method, path in [
        ("GET", "/api/jobs"), ("HEAD", "/api/jobs"), ("GET", "/api/jobs/"), ("GET", "/api/queues"), ("GET", "/api/stats"),
        ("GET", "/metrics"), ("GET", "/api/jobs/stream"), ("GET", "/api/jobs/stream?ids="), ("GET", "/api/jobs/stream?IDS=a"),
        ("GET", "/api/jobs/stream?queue=default"), ("GET", "/api//jobs"), ("GET", "/api/./jobs"),
        ("POST", "/api/queues/default/pause"), ("POST", "/api/queues/default/resume"), ("DELETE", "/api/jobs/mine"),
        ("DELETE", f"/api/files/{job['files'][0]['fileId']}"), ("GET", "/api/%6aobs"), ("GET", "/api/jobs?limit=1"),
    ]:
        answer = jobd.request(method, path)
        assert answer.status in (400, 403, 404), (method, path, answer)
        if method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json", (method, path)
            assert b"mine" not in answer.body


def test_large_answers_are_compressed_and_streams_never(jobd):
    for number in range(20):
        jobd.post("/api/jobs", {"jobId": f"zip-{number}", "message": "x" * 200})
    accepting = {"Accept-Encoding": "gzip"}
    answer = jobd.get("/api/jobs", headers=accepting)
    assert answer.headers["content-encoding"] == "gzip" and "accept-encoding" in answer.headers["vary"].lower()
    stream = Stream(jobd, "/api/jobs/zip-0/stream", accepting)
    assert stream.response.headers.get("Content-Encoding") is None
    job = jobd.get("/api/jobs/zip-0", headers=accepting)
    tag = job.headers["etag"]
    assert tag == '"1"'
    for known in (tag, f"W/{tag}", f'"0", {tag}', "*"):
        assert jobd.get("/api/jobs/zip-0", headers={"If-None-Match": known}).status == 304
    assert jobd.get("/api/jobs/zip-0", headers={"If-None-Match": '"0"'}).status == 200
    head = jobd.request("HEAD", "/api/jobs/zip-0")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", tag)
