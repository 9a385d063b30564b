"""Who may do what: pages of other sites, and strangers."""

import http.client
import re
import socket
import subprocess

import pytest

from service import CONTRACT, JOBD, PATIENCE, Response, Stream, wait_for
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
    return restart_nginx(start('[access]\nanonymous = "any"\n'), "jobd_operators", "10.1.0.0/16 operator;\n")


def restart_nginx(jobd, name, text, ready="/jobd/jobd-client.js"):
    """Changes a file of nginx's configuration, which dev writes at the start only."""
    def accepts():
        try:
            return jobd.get(ready).status == 200
        except OSError:
            return False

    (jobd.directory / "nginx" / name).write_text(text)
    jobd.kill("nginx: master")
    wait_for(accepts, "nginx")
    return jobd


def test_who_asks_too_much_is_told_to_wait(start):
    """The limits as shipped; dev has them switched off, so they are switched on again."""
    jobd = start()
    site = (jobd.directory / "nginx/jobd.conf").read_text()
    key = "map $remote_addr $jobd_client {\n    default "
    assert key + '"";' in site
    restart_nginx(jobd, "jobd.conf", site.replace(key + '"";', key + "$binary_remote_addr;"))
    answers, refused = [], []

    def ask(_):
        # A connection for all, because a slow machine must ask fast enough, too.
        connection = jobd.connection()
        while not refused and len(answers) < 20_000:
            connection.request("GET", "/api/health/live")
            answer = Response(connection.getresponse())
            (answers if answer.status == 200 else refused).append(answer)
        connection.close()

    run_together(ask, range(8))
    problem(refused[0], 429, "too-many-requests")
    assert refused[0].headers["retry-after"] == "1" and len(answers) > 200


def test_of_ipv6_a_whole_network_is_counted(start):
    """A server beside the others tells the key under which an address is counted."""
    jobd = start()
    door = jobd.directory / "key.sock"
    site = (jobd.directory / "nginx/jobd.conf").read_text()
    restart_nginx(jobd, "jobd.conf", site + f"""
        server {{
            listen unix:{door};
            set_real_ip_from unix:;
            real_ip_header X-From;
            return 200 "[$jobd_client]";
        }}
        """)

    def key(address):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(door))
            connection.sendall(f"GET / HTTP/1.0\r\nX-From: {address}\r\n\r\n".encode())
            return connection.makefile().read().rpartition("\n")[2]

    assert key("2001:db8:1:2:3:4:5:6") == key("2001:db8:1:2::9") == "[2001:db8:1:2:]"
    assert key("2001:db8:1:3::9") == "[2001:db8:1:3:]"
    assert key("2001:db8:1::9") == "[2001:db8:1::]"
    assert key("2001:db8::1") == key("2001:db8::a:b:c:d") == "[2001:db8::]"
    # By the whole address, which dev does not count.
    assert key("192.0.2.7") == key("::1") == key("::ffff:192.0.2.7") == "[]"


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
        ("POST", "/api/queues/default/pause"), ("POST", "/api/queues/default/resume"), ("GET", "/api/%6aobs"), ("GET", "/api/jobs?limit=1"),
    ]:
        answer = jobd.request(method, path)
        assert answer.status in (400, 403, 404), (method, path, answer)
        if method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json", (method, path)
            assert b"mine" not in answer.body


def test_a_stranger_forges_no_result(stranger):
    jobd = stranger
    for job_id, job_type in [("scan", "file_processing"), ("import", "import")]:
        assert jobd.post("/api/jobs", {"jobId": job_id, "jobType": job_type}).status == 201
    for body in [{"status": "completed", "result": {"virusFree": True}}, {"progress": 50}, {"step": "scan"}]:
        problem(jobd.request("PATCH", "/api/jobs/scan", body), 403, "forbidden")
        forged = {"JOBD_ROLE": "operator", "JOBD-ROLE": "operator", "X-Role": "operator"}
        problem(jobd.request("PATCH", "/api/jobs/scan", body, forged), 403, "forbidden")
    assert jobd.job("scan")["version"] == 1
    assert jobd.request("PATCH", "/api/jobs/scan", {"message": "soon", "metadata": {"a": 1}}).status == 200
    # What has no pipeline is run by the application, whose word it is.
    done = jobd.request("PATCH", "/api/jobs/import", {"status": "completed", "result": {"rows": 41}})
    assert done.status == 200 and done.json["result"] == {"rows": 41}
    jobd.jobctl("cancel", "scan", check=0)


def test_a_query_that_cannot_be_read_shows_nothing(stranger):
    jobd = stranger
    jobd.post("/api/jobs", {"jobId": "mine"})
    for query in ("%ff", "%", "%zz", "%e9,a", "%ff&ids=a", "a&ids=%ff"):
        answer = jobd.get(f"/api/jobs/stream?ids={query}")
        problem(answer, 400, "invalid-request", "/ids")
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


@pytest.mark.parametrize("headers", [
    {"Jobd-Role": "operator"}, {"JOBD_ROLE": "operator"}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Real-IP": "10.1.0.1"},
    {"Forwarded": "for=10.1.0.1"}, {"Authorization": "Basic b3BlcmF0b3I6"},
])
def test_no_header_makes_an_operator(stranger, headers):
    for path in ("/api/jobs", "/api/queues", "/api/stats", "/api/jobs/stream", "/metrics"):
        problem(stranger.get(path, headers=headers), 403, "forbidden")


SITE = """
    location / {
        default_type text/plain;
        return 200 "the application answers $uri";
    }
    # What many sites have for their pictures.
    location ~* \\.(png|txt|js)$ {
        return 200 "the application's file";
    }
"""


@pytest.fixture
def application(start):
    """A site with an application at /, a page of its own at /jobs/, and the one line."""
    jobd = start()
    site = (jobd.directory / "nginx/jobd_site").read_text()
    site, count = re.subn(r"(?s)    location / \{.*?\}\n", SITE, site)
    site = site.replace("    include jobd_operator_locations;\n", "")
    assert count == 1
    return restart_nginx(jobd, "jobd_site", site)


def test_an_application_keeps_all_that_is_not_jobds(application):
    """Its own /api/ most of all, of which jobd takes three addresses."""
    jobd = application
    for path in ("/page", "/api", "/api/", "/api/users", "/api/jobs-board", "/api/jobsx/1", "/api/files-of/me", "/api/file-manager",
                 "/api/file-manager/list", "/api/file-manager/process/1", "/api/queues", "/api/queues/a/pause", "/api/stats",
                 "/api/health/live", "/api/openapi.json", "/metrics", "/jobs", "/jobs/", "/jobs/engineer", "/jobd.txt"):
        assert jobd.get(path).body.startswith(b"the application"), path
    job = jobd.process(CONTRACT.read_bytes(), "a.png")
    job = jobd.wait(job["jobId"])
    assert job["status"] == "completed", job
    # Its rule for files takes none of jobd's.
    assert b"the application" not in jobd.get(job["artifacts"][0]["href"]).body
    assert jobd.get("/jobd/jobd-client.js").headers["content-type"] == "text/javascript"
    problem(jobd.get("/api/jobs/unknown"), 404, "job-not-found")
    problem(jobd.get("/jobd/nothing.js"), 404, "not-found")


ORIGIN = "https://app.example.com"


@pytest.mark.parametrize("request_text, status", [
    (b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\nContent-Length: 1048577\r\n\r\n" % ORIGIN.encode(), 413),
    (b"GET /api/jobs/" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\n\r\n" % ORIGIN.encode(), 414),
])
def test_pages_elsewhere_can_read_what_nginx_itself_refuses(jobd, request_text, status):
    with socket.create_connection(("127.0.0.1", jobd.port)) as connection:
        connection.sendall(request_text)
        response = http.client.HTTPResponse(connection)
        response.begin()
        answer = Response(response)
    assert answer.status == status and answer.json["status"] == status
    assert answer.headers["access-control-allow-origin"] in (ORIGIN, "*")


def test_localhost_may_be_either(jobd):
    for address in ("127.0.0.1", "::1"):
        connection = http.client.HTTPConnection(address, jobd.port)
        connection.request("GET", "/api/health/live")
        assert connection.getresponse().status == 200
        connection.close()


def test_the_log_of_requests_holds_no_queries(start):
    jobd = start()
    log = jobd.directory / "access.log"
    rules = (jobd.directory / "nginx/jobd_limits").read_text()
    locations = (jobd.directory / "nginx/jobd_locations").read_text()
    assert "access_log off;" in rules and locations.count("access_log off;") == 2
    (jobd.directory / "nginx/jobd_locations").write_text(locations.replace("access_log off;", f"access_log {log} jobd;"))
    restart_nginx(jobd, "jobd_limits", rules.replace("access_log off;", f"access_log {log} jobd;"))
    jobd.get("/api/jobs/a?token=secret")
    jobd.request("TRACE", "/api/jobs/b?token=secret")
    jobd.get("/jobd/nothing.js?token=secret")
    lines = wait_for(lambda: (text := log.read_text()).count("\n") >= 4 and text, "the log")
    assert "secret" not in lines, lines.splitlines()
    assert '"GET /api/jobs/a HTTP/1.1" 401' in lines and '"TRACE /api/jobs/b HTTP/1.1" 405' in lines, lines


def test_nothing_of_this_machine_is_used_by_dev(jobd):
    for file in (jobd.directory / "nginx").glob("jobd*"):
        assert not re.search(r"(?m)^[^#\n]*(/var/|/usr/|/run/jobd)", file.read_text()), file


def test_dev_answers_to_its_own_names_only(jobd):
    """A page of another site that gives its name to 127.0.0.1 would be a page of this one; its files are, too."""
    hosts = [
        (f"127.0.0.1:{jobd.port}", 200), (f"LocalHost:{jobd.port}", 200), ("[::1]", 200), ("evil.example.com", 421),
        ("jobs.example.com", 421), ("localhost.evil.example.com", 421), ("127.0.0.1.evil.example.com", 421), ("127.0.0.2", 421)]
    for path in ("/api/health/live", "/api/jobs", "/", "/demo/index.html", "/jobs/", "/jobd/jobd-client.js"):
        for host, status in hosts:
            answer = jobd.get(path, headers={"Host": host})
            assert answer.status == status, (path, host, answer)
            if status == 421:
                problem(answer, 421, "misdirected-request")
                assert answer.headers["cache-control"] == "no-store"
    problem(jobd.post("/api/jobs", {}, headers={"Host": "evil.example.com"}), 421, "misdirected-request")


def test_dev_answers_to_names_that_it_is_given(tmp_path):
    name = "a" * 60 + ".example.com"
    arguments = [JOBD, "dev", "--directory", tmp_path, "--port", "0", "--fronts", "1", "--host", name.upper(), "--host", "[fd00::1]"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as dev:
        try:
            port = int(dev.stdout.readline().rsplit(b":", 1)[1])
            for path in ("/api/health/live", "/jobd/jobd-client.js"):
                for host, status in [(name, 200), ("[fd00::1]", 200), ("localhost", 200), ("b" + name, 421)]:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                    connection.request("GET", path, headers={"Host": host})
                    assert connection.getresponse().status == status, (path, host)
                    connection.close()
        finally:
            dev.terminate()
            dev.wait(PATIENCE)


@pytest.mark.parametrize("name", ["", "a b", "~.", "*.example.com", "a;b", "example.com:80", "é", "[a", ".a"])
def test_dev_refuses_names_that_are_none(tmp_path, name):
    run = subprocess.run([JOBD, "dev", "--directory", tmp_path / "dev", "--host", name], capture_output=True, text=True, timeout=PATIENCE)
    assert (run.returncode, run.stdout) == (2, "") and "--host" in run.stderr, run
    assert not (tmp_path / "dev").exists()
