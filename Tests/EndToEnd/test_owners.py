"""Whose a job is, and who is told of it: owners, nobody, tokens and sockets, as their programs see them."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import stat
import time
import uuid

import pytest

from service import CONTRACT, PATIENCE, Response, Stream, wait_for
from test_access import restart_nginx
from test_bad_input import problem
from test_fastcgi import ask

IDS = '[access]\nanonymous = "ids"\n'
GUESSABLE = "contract-7"


def made(prefix="job"):
    return f"{prefix}_{time.time_ns() // 1_000_000}_{uuid.uuid4().hex[:16]}"


class Person:
    """Asks a front as a web server that has checked who it is."""

    def __init__(self, jobd, owner="", role="", address="192.0.2.1"):
        self.jobd, self.owner, self.role, self.address = jobd, owner, role, address

    def request(self, method, path, body=None):
        parameters = {"JOBD_OWNER": self.owner, "JOBD_ROLE": self.role, "REMOTE_ADDR": self.address, "HTTP_HOST": "localhost"}
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            parameters |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content))}
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.jobd.directory / "run/fastcgi.sock"))
            return Answer(ask(connection, method, path, content, **parameters))

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body):
        return self.request("POST", path, body)


class Answer:
    def __init__(self, text):
        head, _, self.body = text.partition(b"\r\n\r\n")
        self.status = int(head.split(b"Status: ", 1)[1][:3])
        self.headers = {
            name.lower(): value for name, _, value in
            (line.partition(": ") for line in head.decode().split("\r\n"))}

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


@pytest.fixture(scope="module")
def service():
    from service import Service
    jobd = Service(IDS)
    yield jobd.start()
    jobd.discard()


def test_another_owners_job_is_told_to_nobody(service):
    ann, bob, nobody, boss = Person(service, "ann"), Person(service, "bob"), Person(service), Person(service, role="operator")
    job_id = made("ann")
    assert ann.post("/api/jobs", {"jobId": job_id}).json["owner"] == "ann"
    for who in (bob, nobody):
        for method, path, body in [
                ("GET", "", None), ("GET", "?wait=0", None), ("GET", "/logs", None), ("GET", "/artifacts/a.txt", None),
                ("PATCH", "", {"message": "x"}), ("POST", "/cancel", {}), ("POST", "/retry", {}), ("DELETE", "", None)]:
            answer = who.request(method, f"/api/jobs/{job_id}{path}", body)
            problem(answer, 404, "job-not-found")
            missing = who.request(method, f"/api/jobs/{made('none')}{path}", body)
            assert set(answer.json) == set(missing.json) and answer.status == missing.status
        problem(who.get(f"/api/jobs/{job_id}/stream"), 404, "job-not-found")
    for path in ("/api/jobs", "/api/file-manager/process"):
        answer = bob.post(path, {"jobId": job_id, "fileIds": []})
        problem(answer, 409, "job-conflict")
        assert "job" not in answer.json
        problem(nobody.post(path, {"jobId": job_id, "fileIds": []}), 403, "forbidden")
    assert boss.get(f"/api/jobs/{job_id}").json["version"] == 1
    assert [job["jobId"] for job in bob.get(f"/api/jobs?q={job_id}").json["jobs"]] == []
    assert [job["jobId"] for job in ann.get(f"/api/jobs?q={job_id}").json["jobs"]] == [job_id]
    assert job_id in [job["jobId"] for job in boss.get("/api/jobs?owner=ann").json["jobs"]]
    # He may do all of it himself.
    assert ann.post(f"/api/jobs/{job_id}/cancel", {}).status == 200
    assert ann.post(f"/api/jobs/{job_id}/retry", {}).status == 202
    assert ann.post(f"/api/jobs/{job_id}/cancel", {}).status == 200
    assert ann.request("DELETE", f"/api/jobs/{job_id}").status == 204
    problem(ann.get(f"/api/jobs/{job_id}"), 410, "job-gone")
    problem(bob.get(f"/api/jobs/{job_id}"), 404, "job-not-found")
    answer = bob.post("/api/jobs", {"jobId": job_id})
    problem(answer, 409, "job-conflict")
    assert not {"job", "jobStatus", "goneAt"} & set(answer.json)


def test_nobody_has_what_he_knows_and_cannot_guess(service):
    nobody = Person(service)
    for job_id in (made(), str(uuid.uuid4()), f"job_{time.time_ns() // 1_000_000}_s5ximw5"):
        assert nobody.post("/api/jobs", {"jobId": job_id}).status == 201
        assert nobody.get(f"/api/jobs/{job_id}").json["owner"] is None
        assert nobody.post(f"/api/jobs/{job_id}/cancel", {}).status == 200
        assert nobody.request("DELETE", f"/api/jobs/{job_id}").status == 204
    answer = nobody.post("/api/jobs", {"jobId": GUESSABLE})
    problem(answer, 403, "forbidden")
    assert "token" in answer.json["detail"]
    made_id = nobody.post("/api/jobs", {}).json["jobId"]
    assert nobody.get(f"/api/jobs/{made_id}").status == 200
    # Also when somebody may: nobody is told nothing of it.
    assert Person(service, role="operator").post("/api/jobs", {"jobId": GUESSABLE}).status == 201
    problem(nobody.get(f"/api/jobs/{GUESSABLE}"), 404, "job-not-found")
    problem(nobody.post("/api/jobs", {"jobId": GUESSABLE}), 403, "forbidden")
    for path in ("/api/jobs", "/api/jobs?q=job", "/api/jobs/stream", "/api/queues", "/api/stats"):
        problem(nobody.get(path), 403, "forbidden")
    ahead = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 2 * 86_400))
    for field in ({"priority": 0}, {"queue": "default"}, {"maxAttempts": 1}, {"runAt": ahead}, {"delaySeconds": 90_000}, {"owner": "me"}):
        problem(nobody.post("/api/jobs", field), 403, "forbidden")
    assert nobody.post("/api/jobs", {"delaySeconds": 60}).status == 201


def test_an_operator_makes_a_job_for_its_user(service):
    boss, ann = Person(service, role="operator"), Person(service, "ann")
    job_id = made("for")
    assert boss.post("/api/jobs", {"jobId": job_id, "owner": "ann"}).json["owner"] == "ann"
    assert ann.get(f"/api/jobs/{job_id}").status == 200
    problem(ann.post("/api/jobs", {"owner": "ann"}), 403, "forbidden")
    problem(boss.post("/api/jobs", {"owner": "é"}), 400, "invalid-request", "/owner")


@pytest.mark.parametrize("mode, statuses", [("open", (200, 200, 201)), ("any", (200, 403, 201)), ("none", (401, 401, 401))])
def test_what_nobody_may_do_is_configured(start, mode, statuses):
    jobd = start(f'[access]\nanonymous = "{mode}"\n')
    assert Person(jobd, "ann").post("/api/jobs", {"jobId": GUESSABLE}).status == 201
    answers = [jobd.get(f"/api/jobs/{GUESSABLE}"), jobd.get("/api/jobs"), jobd.post("/api/jobs", {"jobId": "other-7"})]
    assert tuple(answer.status for answer in answers) == statuses, answers
    for path in ("/api/health/live", "/api/health/ready", "/api/openapi.json", "/api/jobd/session", "/jobd/jobd-client.js"):
        assert jobd.get(path).status == 200, path
    role = "operator" if mode == "open" else None
    assert jobd.get("/api/jobd/session").json == {"owner": None, "role": role, "token": None}
    if mode == "none":
        assert answers[0].headers["www-authenticate"] == "Bearer"


def test_a_pipeline_says_who_makes_its_jobs(start):
    jobd = start(IDS + '[pipelines.mine]\ncreatedBy = "owners"\n[pipelines.ours]\ncreatedBy = "operators"\n')
    for person, allowed in [(Person(jobd), ()), (Person(jobd, "ann"), ("mine",)), (Person(jobd, role="operator"), ("mine", "ours"))]:
        for job_type in ("mine", "ours"):
            answer = person.post("/api/jobs", {"jobType": job_type, "fileIds": []})
            assert answer.status == (201 if job_type in allowed else 403), (job_type, answer)


# Tokens


def jwt(jobd, claims, header=None, secret=None):
    kid, text = (jobd.directory / "token-keys").read_text().split()
    def encoded(part):
        return base64.urlsafe_b64encode(part).rstrip(b"=")
    signed = b".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": kid, **(header or {})}, claims))
    mac = hmac.new(secret or base64.b64decode(text), signed, hashlib.sha256).digest()
    return (signed + b"." + encoded(mac)).decode()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_token_that_an_application_made_is_its_owner(service):
    soon = int(time.time()) + 3600
    token = jwt(service, {"sub": "carl", "scope": ["read", "write", "create"], "exp": soon})
    job = service.post("/api/jobs", {"jobId": made("carl")}, headers=bearer(token))
    assert (job.status, job.json["owner"]) == (201, "carl"), job
    path = f"/api/jobs/{job.json['jobId']}"
    assert service.get(path, headers=bearer(token)).status == 200
    problem(service.get(path), 404, "job-not-found")
    session = service.get("/api/jobd/session", headers=bearer(token)).json
    assert session["owner"] == "carl" and session["role"] is None and session["token"]["scope"] == ["create", "read", "write"]
    reader = jwt(service, {"sub": "carl", "scope": ["read"], "exp": soon})
    problem(service.request("PATCH", path, {"message": "x"}, bearer(reader)), 403, "forbidden")
    assert service.get(f"{path}?token={reader}").status == 200
    assert Stream(service, f"{path}/stream?token={reader}").status == 200
    assert Stream(service, f"/api/jobs/stream?ids={job.json['jobId']}&token={reader}").status == 200
    for address in (f"{path}?token={token}", f"{path}/logs?token={reader}", f"/api/jobs?token={reader}", f"/api/jobs/stream?token={reader}"):
        problem(service.get(address), 401, "unauthorized")
    problem(service.post("/api/files", b"x", headers=bearer(reader)), 403, "forbidden")
    file = service.post("/api/files", b"x", headers=bearer(token))
    assert file.status == 201
    problem(service.get(f"/api/files/{file.json['fileId']}"), 404, "file-not-found")
    single = jwt(service, {"job": job.json["jobId"], "scope": ["read"], "exp": soon})
    assert service.get(path, headers=bearer(single)).status == 200
    problem(service.get(f"/api/jobs/{made()}", headers=bearer(single)), 404, "job-not-found")


def test_a_wrong_token_is_not_nobody(service):
    now = int(time.time())
    good = {"sub": "carl", "scope": ["read"], "exp": now + 3600}
    job_id = made()
    assert service.post("/api/jobs", {"jobId": job_id}).status == 201
    assert service.get(f"/api/jobs/{job_id}", headers=bearer(jwt(service, good))).status == 200
    wrong = [
        jwt(service, {**good, "exp": now - 1}), jwt(service, {**good, "exp": now + 90_000}), jwt(service, {**good, "nbf": now + 3600, "exp": now + 7200}),
        jwt(service, {"sub": "carl", "scope": ["read"]}), jwt(service, good, {"alg": "none"}), jwt(service, good, {"alg": "HS512"}),
        jwt(service, good, {"kid": "other"}), jwt(service, good, secret=bytes(32)), jwt(service, {**good, "scope": "read"}),
        jwt(service, good)[:-1], jwt(service, good) + "A", jwt(service, good).rsplit(".", 1)[0] + ".", "", "x",
    ]
    for token in wrong:
        for path in (f"/api/jobs/{job_id}", "/api/jobs", f"/api/jobs/{job_id}/stream", "/api/jobd/session", "/api/queues"):
            answer = service.get(path, headers=bearer(token))
            problem(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"
        problem(service.post("/api/jobs", {}, headers=bearer(token)), 401, "unauthorized")


def test_jobctl_makes_tokens(service):
    run = service.jobctl("token", "--owner", "dora", "--for", "5m", check=0)
    token = run.stdout.strip()
    assert token.count(".") == 2 and " " not in token
    job = service.post("/api/jobs", {"jobId": made("dora")}, headers=bearer(token)).json
    assert job["owner"] == "dora"
    single = service.jobctl("token", "--job", job["jobId"], check=0).stdout.strip()
    assert service.get(f"/api/jobs/{job['jobId']}?token={single}").status == 200
    link = service.jobctl("token", "--operate", "--for", "12h", "--url", f"http://127.0.0.1:{service.port}", check=0).stdout.split()[-1]
    address, operator = link.split("#token=")
    assert address == f"http://127.0.0.1:{service.port}/jobs/"
    assert service.get("/api/stats", headers=bearer(operator)).status == 200
    assert service.get("/api/jobd/session", headers=bearer(operator)).json["role"] == "operator"
    assert service.jobctl("token", "--owner", "dora", "--for", "30d").returncode == 2
    assert service.jobctl("token").returncode == 2


def test_keys_are_changed_by_a_reload(start):
    jobd = start(IDS)
    keys = jobd.directory / "token-keys"
    claims = {"sub": "ann", "scope": ["read", "create"], "exp": int(time.time()) + 600}
    old, first = jwt(jobd, claims), keys.read_text()

    def status(token):
        return jobd.get("/api/jobd/session", headers=bearer(token)).status

    kid, secret = "next", base64.b64encode(os.urandom(32)).decode()
    keys.write_text(f"{kid} {secret}\n{first}")
    assert "access.keysFile" in jobd.jobctl("reload", check=0).stdout
    made_now = jobd.jobctl("token", "--owner", "ann", check=0).stdout.strip()
    header = json.loads(base64.urlsafe_b64decode(made_now.split(".")[0] + "=="))
    assert header["kid"] == kid and status(made_now) == status(old) == 200
    # What cannot be read changes nothing.
    keys.write_text("next notbase64\n")
    assert jobd.jobctl("reload").returncode == 78
    assert status(made_now) == status(old) == 200
    keys.write_text(f"{kid} {secret}\n")
    jobd.jobctl("reload", check=0)
    assert status(made_now) == 200 and status(old) == 401
    assert "access.keysFile" not in jobd.jobctl("reload", check=0).stdout


# Sockets


def reply(path, method, params=None, caller=None):
    """The whole answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(str(path))
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
        if caller is not None:
            request["caller"] = caller
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile() as lines:
            return json.loads(lines.readline())


def call(path, method, params=None, caller=None):
    answer = reply(path, method, params, caller)
    return answer["error"]["data"]["code"] if "error" in answer else answer["result"]


def test_each_role_has_its_socket(service):
    run = service.directory / "run"
    for name, mode in [("admin", 0o600), ("jobd", 0o660), ("observe", 0o660), ("front", 0o600)]:
        assert stat.S_IMODE(os.stat(run / f"{name}.sock").st_mode) == mode, name
    assert call(run / "admin.sock", "server.reload") != "forbidden"
    for name in ("jobd", "observe", "front"):
        for method in ("server.reload", "server.backup", "server.inspect", "tokens.make"):
            params = {"directory": "/x"} if method == "server.backup" else {}
            assert call(run / f"{name}.sock", method, params, {"role": "operator"}) == "forbidden", (name, method)
    assert call(run / "observe.sock", "queues.pause", {"name": "default"}) == "forbidden"
    assert call(run / "observe.sock", "jobs.list")["jobs"] is not None
    assert call(run / "jobd.sock", "front.report", {"streams": 0}) == "forbidden"
    assert call(run / "front.sock", "jobs.list") == "forbidden"
    assert call(run / "front.sock", "jobs.list", caller={"owner": "zoe"})["jobs"] == []


def test_jobctl_takes_the_administrators_socket_where_it_must(service):
    assert service.jobctl("reload", check=0)
    admin = service.directory / "run/admin.sock"
    admin.rename(service.directory / "run/hidden.sock")
    try:
        assert service.jobctl("reload").returncode == 69
        assert service.jobctl("list").returncode == 0
    finally:
        (service.directory / "run/hidden.sock").rename(admin)


# Identities


def test_a_password_file_names_the_owner(start):
    jobd = start(IDS)
    (jobd.directory / "htpasswd").write_text("ann:{PLAIN}secret\n")
    shipped = (__import__("pathlib").Path(__file__).resolve().parents[2] / "config/nginx/jobd_identity_basic").read_text()
    restart_nginx(jobd, "jobd_identity", shipped.replace("/etc/nginx/jobd.htpasswd", str(jobd.directory / "htpasswd")))
    def basic(name, password):
        return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}
    assert jobd.get("/api/jobd/session").status == 401
    assert jobd.get("/api/jobd/session", headers=basic("ann", "wrong")).status == 401
    assert jobd.get("/api/jobd/session", headers=basic("bob", "secret")).status == 401
    assert jobd.get("/api/jobd/session", headers=basic("ann", "secret")).json["owner"] == "ann"
    job = jobd.post("/api/jobs", {"jobId": GUESSABLE}, headers=basic("ann", "secret"))
    assert job.status == 201 and job.json["owner"] == "ann"
    forged = {**basic("ann", "secret"), "JOBD-OWNER": "bob", "Jobd-Role": "operator"}
    assert jobd.get("/api/jobd/session", headers=forged).json == {"owner": "ann", "role": None, "token": None}


# An application's own answer, and what oauth2-proxy answers by its documentation.
@pytest.mark.parametrize("status, header", [(204, "X-User"), (202, "X-Auth-Request-User")])
def test_an_application_names_the_owner(start, status, header):
    jobd = start(IDS)
    root = __import__("pathlib").Path(__file__).resolve().parents[2]
    locations = (jobd.directory / "nginx/jobd_locations").read_text()
    who = """
location = /.jobd/who {
    internal;
    proxy_pass http://127.0.0.1:%d/.test/login;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
}
location = /.test/login {
    if ($http_cookie !~ "session=(ann|bob)$") { return 401; }
    add_header %s $1 always;
    return %d;
}
""" % (jobd.port, header, status)
    (jobd.directory / "nginx/jobd_locations").write_text(locations + who)
    identity = (root / "config/nginx/jobd_identity_request").read_text()
    restart_nginx(jobd, "jobd_identity", identity.replace("x_user", header.lower().replace("-", "_")))
    assert jobd.get("/api/jobd/session").status == 401
    assert jobd.get("/api/jobd/session", headers={header: "ann"}).status == 401
    answer = jobd.get("/api/jobd/session", headers={"Cookie": "session=ann", header: "bob", "JOBD_OWNER": "bob"})
    assert answer.status == 200 and answer.json["owner"] == "ann", answer


# Quotas

QUOTAS = IDS + "[quota.owner]\nopenJobs = 3\nstoredBytes = 1000000\nuploads = 2\n"


def test_an_owner_has_so_many_open_jobs_also_after_a_restart(start):
    jobd = start(QUOTAS)
    ann, boss = Person(jobd, "ann"), Person(jobd, role="operator")
    ids = [made() for _ in range(3)]
    for job_id in ids:
        assert ann.post("/api/jobs", {"jobId": job_id}).status == 201

    def refused():
        answer = ann.post("/api/jobs", {})
        if answer.status == 503:
            return False
        problem(answer, 429, "quota-exceeded")
        assert (answer.json["quota"], answer.json["limit"]) == ("quota.owner.openJobs", 3)
        assert answer.headers["retry-after"]
        return True

    assert refused()
    # Others go on, and so does an operator who makes a job for her.
    assert Person(jobd, "bob").post("/api/jobs", {}).status == 201
    assert boss.post("/api/jobs", {"owner": "ann"}).status == 201
    jobd.kill()
    wait_for(refused, "the refusal by the next daemon")
    assert ann.post(f"/api/jobs/{ids[0]}/cancel", {}).status == 200
    assert ann.post("/api/jobs", {}).status == 201
    assert refused()
    problem(ann.post(f"/api/jobs/{ids[0]}/retry", {}), 429, "quota-exceeded")
    # Nobody is counted by where he asks from.
    for address, allowed in [("192.0.2.7", 3), ("2001:db8::1", 2), ("2001:db8::2", 1), ("2001:db8:0:1::2", 3)]:
        nobody = Person(jobd, address=address)
        statuses = [nobody.post("/api/jobs", {}).status for _ in range(allowed)]
        assert statuses == [201] * allowed, address
    problem(Person(jobd, address="2001:db8::3").post("/api/jobs", {}), 429, "quota-exceeded")


def test_an_owner_stores_so_many_bytes(start):
    jobd = start(QUOTAS)
    token = jwt(jobd, {"sub": "ann", "scope": ["read", "write", "create"], "exp": int(time.time()) + 600})
    first = jobd.post("/api/files", b"x" * 600_000, headers=bearer(token))
    assert first.status == 201
    answer = jobd.post("/api/files", b"x" * 600_000, headers=bearer(token))
    problem(answer, 507, "quota-exceeded")
    assert answer.json["quota"] == "quota.owner.storedBytes" and answer.headers["retry-after"]
    assert jobd.post("/api/files", b"x" * 600_000).status == 201
    assert jobd.request("DELETE", f"/api/files/{first.json['fileId']}", headers=bearer(token)).status == 204
    assert jobd.post("/api/files", b"x" * 600_000, headers=bearer(token)).status == 201


def test_an_owner_sends_so_many_uploads_at_a_time(start):
    jobd = start(QUOTAS)
    token = jwt(jobd, {"sub": "ann", "scope": ["read", "write", "create"], "exp": int(time.time()) + 600})

    def begin():
        connection = socket.create_connection(("127.0.0.1", jobd.port), timeout=PATIENCE)
        connection.sendall(
            b"POST /api/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nAuthorization: Bearer "
            + token.encode() + b"\r\n\r\nx")
        return connection

    slow = [begin(), begin()]
    arriving = jobd.directory / "data/files/arriving"
    wait_for(lambda: len(list(arriving.iterdir())) == 2, "both to begin")
    send = lambda: jobd.post("/api/files", b"x", headers=bearer(token))
    wait_for(lambda: send().status == 429, "the third upload to be refused")
    problem(send(), 429, "quota-exceeded")
    assert jobd.post("/api/files", b"x").status == 201
    slow[0].sendall(b"y" * 9)
    assert slow[0].recv(100).startswith(b"HTTP/1.1 201")
    wait_for(lambda: send().status == 201, "a place for another upload")
    for connection in slow:
        connection.close()


# The log


def test_the_log_says_who_changed_what_and_who_was_refused(service):
    job_id = made("audit")
    boss = Person(service, "boss", "operator")
    assert boss.post("/api/jobs", {"jobId": job_id}).status == 201
    assert boss.post(f"/api/jobs/{job_id}/cancel", {}).status == 200
    service.jobctl("retry", job_id, check=0)
    problem(service.get("/api/queues", headers=bearer("x")), 401, "unauthorized")

    def lines():
        return [line for line in service.messages().splitlines() if " audit " in line]

    [cancelled] = [line for line in lines() if "jobs.cancel" in line and job_id in line]
    for field in ("role=operator", "owner=boss", "address=192.0.2.1", "result=ok", f"uid={os.getuid()}"):
        assert field in cancelled, cancelled
    [retried] = [line for line in lines() if "jobs.retry" in line and job_id in line]
    assert "role=operate" in retried and f"uid={os.getuid()}" in retried
    assert any("unauthorized" in line and "queues.list" in line for line in lines())
    wait_for(lambda: any("jobs.create" in line and "count=" in line for line in lines()), "the count of creates")
