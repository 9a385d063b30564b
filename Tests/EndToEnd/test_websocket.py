"""The WebSocket as programs use it: through the web server with a client of PyPI, and as a web server that says who asks."""

import base64
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

import pytest

from service import PATIENCE, ROOT, WEB, Service, suspend, wait_for

sys.path.append(str(ROOT / ".build/python"))
try:
    from websockets.exceptions import ConnectionClosed, InvalidStatus
    from websockets.sync.client import connect, unix_connect
except ImportError:
    raise ImportError("websockets is missing: sh Tests/run.sh installs it in .build/python") from None

PATH = "/api/jobd/socket"
CONFIGURATION = """
[access]
anonymous = "ids"
[pipelines.elsewhere]
work = "workers"
"""

of_fronts = pytest.mark.skipif(WEB != "nginx", reason="of the fronts, whatever the web server is")


@pytest.fixture(scope="module")
def jobd():
    service = Service(CONFIGURATION)
    yield service.start()
    service.discard()


def made(prefix="job"):
    return f"{prefix}_{time.time_ns() // 1_000_000}_{uuid.uuid4().hex[:16]}"


# The client's own signs of life would end it when it reads late.
OF_CLIENTS = {"open_timeout": PATIENCE, "max_size": None, "ping_interval": None}


class Client:
    """Calls, and the notifications that come beside their answers."""

    def __init__(self, connection):
        self.connection = connection
        self.numbers = itertools.count(1)
        self.told = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def message(self):
        return json.loads(self.connection.recv(timeout=PATIENCE))

    def ask(self, method, **params):
        """The whole answer."""
        number = next(self.numbers)
        self.connection.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        while True:
            message = self.message()
            if message.get("id") == number:
                return message
            self.told.append(message)

    def call(self, method, **params):
        answer = self.ask(method, **params)
        assert "result" in answer, answer
        return answer["result"]

    def refusal(self, method, **params):
        answer = self.ask(method, **params)
        assert "error" in answer, answer
        return answer["error"]["data"]["code"]

    def notification(self):
        """The next one of a watch: that the daemon is away, and back, is said whenever a machine is slow."""
        while True:
            told = self.told.pop(0) if self.told else self.message()
            if told["method"] not in ("jobs.away", "jobs.back"):
                return told

    def versions(self, job_id):
        """Those that are told of a job, to its final one."""
        while True:
            job = self.notification()["params"]["job"]
            if job["jobId"] == job_id:
                yield job["version"], job["status"]
                if job["status"] in ("completed", "failed", "cancelled"):
                    return


def through_web(jobd, headers=None, **more):
    more.setdefault("subprotocols", ["jobd.1"])
    return Client(connect(
        f"ws://127.0.0.1:{jobd.port}{PATH}", additional_headers=headers, **OF_CLIENTS, **more))


def as_web(jobd, owner="", role="", address="192.0.2.1", **more):
    """A connection of a web server that has checked who asks."""
    headers = {"Jobd-Owner": owner, "Jobd-Role": role, "Jobd-Address": address}
    return Client(unix_connect(
        str(jobd.directory / "run/websocket.sock"), uri=f"ws://localhost{PATH}", subprotocols=["jobd.1"],
        additional_headers=headers, **OF_CLIENTS, **more))


def status(jobd, **headers):
    """What a handshake with other headers is answered with; those that are None are left out."""
    usual = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Protocol": "jobd.1",
    }
    usual |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = jobd.connection()
    try:
        connection.request("GET", PATH, headers={name: value for name, value in usual.items() if value is not None})
        answer = connection.getresponse()
        return answer.status, answer
    finally:
        connection.close()


def test_a_job_is_made_watched_and_ended(jobd):
    with through_web(jobd) as client, through_web(jobd) as other:
        job_id = made()
        begun = client.call("jobs.watch", jobIds=[job_id])
        assert begun == {"watch": 1, "jobs": []}
        created = other.call("jobs.create", jobId=job_id, jobType="report")
        assert created["created"] and created["job"]["jobId"] == job_id
        other.call("jobs.update", jobId=job_id, status="processing", progress=40)
        other.call("jobs.update", jobId=job_id, status="completed", result={"pages": 7})
        seen = list(client.versions(job_id))
        assert seen == sorted(seen) and len(set(seen)) == len(seen)
        assert seen[-1][1] == "completed"
        # The same job as over HTTP.
        assert other.call("jobs.get", jobId=job_id) == jobd.job(job_id)
        # Whoever comes later begins with the final state, and whoever has it is told nothing.
        late = other.call("jobs.watch", jobIds=[job_id])
        assert [job["version"] for job in late["jobs"]] == [seen[-1][0]]
        known = other.call("jobs.watch", jobIds=[job_id], since={job_id: seen[-1][0]})
        assert known["jobs"] == []
        assert client.call("jobs.unwatch", watch=1) == {}
        assert other.call("jobs.delete", jobId=job_id)["jobId"] == job_id
        assert other.notification()["method"] == "jobs.gone"
        assert other.refusal("jobs.get", jobId=job_id) == "job-gone"


def test_requests_are_those_of_the_control_socket(jobd):
    with through_web(jobd) as client:
        send, receive = client.connection.send, client.message
        send(json.dumps([
            {"jsonrpc": "2.0", "id": 1, "method": "session.get"},
            {"jsonrpc": "2.0", "id": "two", "method": "jobs.nonsense"},
            {"jsonrpc": "2.0", "method": "session.get"},
        ]))
        assert {answer["id"] for answer in receive()} == {1, "two"}
        send("[]")
        assert receive()["error"]["code"] == -32600
        send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "jobs.get", "params": ["a"]}))
        assert receive()["error"]["code"] == -32602
        # In pieces, as a client likes.
        send(iter(['{"jsonrpc":"2.0","id":9,', '"method":"session', '.get"}']))
        assert receive()["id"] == 9
        send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "jobs.list", "caller": {"role": "operator"}}))
        assert receive()["error"]["code"] == -32600
        send("{")
        assert receive()["error"]["code"] == -32700
        with pytest.raises(ConnectionClosed):
            client.message()


# Who asks (owner, role), and what becomes of his calls for a job of anna's.
MATRIX = {
    ("anna", ""): {"jobs.get": None, "jobs.list": None, "queues.pause": "forbidden", "schedules.list": "forbidden"},
    ("ben", ""): {"jobs.get": "job-not-found", "jobs.list": None, "queues.pause": "forbidden", "jobs.cancel": "job-not-found"},
    ("", ""): {"jobs.get": "job-not-found", "jobs.list": "forbidden", "jobs.cancel": "job-not-found", "stats.get": "forbidden"},
    ("", "observer"): {"jobs.get": None, "jobs.list": None, "jobs.cancel": "forbidden", "stats.get": None, "schedules.list": None},
    ("", "operator"): {"jobs.get": None, "jobs.list": None, "stats.get": None, "schedules.list": None, "jobs.explain": None},
}
NAMED = {"jobs.get", "jobs.cancel", "jobs.explain"}


@of_fronts
@pytest.mark.parametrize("who", MATRIX, ids=lambda who: f"{who[0] or 'nobody'}-{who[1] or 'none'}")
def test_everybody_may_what_he_may_over_http(jobd, who):
    job_id = made("anna")
    with as_web(jobd, "anna") as anna, as_web(jobd, *who) as client:
        anna.call("jobs.create", jobId=job_id)
        for method, refusal in MATRIX[who].items():
            params = {"jobId": job_id} if method in NAMED else {"name": "default"} if method == "queues.pause" else {}
            if refusal:
                assert client.refusal(method, **params) == refusal, method
            else:
                client.call(method, **params)
        for method in ("files.get", "files.adopt", "artifacts.get", "front.report", "server.status", "server.reload", "tokens.make"):
            assert client.refusal(method) == "forbidden", method
        # A watch shows what a get shows, and a list what a list shows.
        shown = [job["jobId"] for job in client.call("jobs.watch", jobIds=[job_id])["jobs"]]
        assert (shown == [job_id]) == (MATRIX[who]["jobs.get"] is None)
        if MATRIX[who]["jobs.list"]:
            assert client.refusal("jobs.watch") == MATRIX[who]["jobs.list"]
        else:
            client.call("jobs.watch")
            sees = "ben" not in who
            anna.call("jobs.update", jobId=job_id, message="new")
            marker = made()
            with as_web(jobd, who[0]) as own:
                # Of an observer and an operator: anybody's.
                own.call("jobs.create", jobId=marker)
            told = []
            while not told or told[-1] != marker:
                told.append(client.notification()["params"]["job"]["jobId"])
            assert (job_id in told) == sees


def test_a_token_says_who_it_is_in_the_handshake_or_in_the_first_message(jobd):
    token = jobd.jobctl("token", "--owner", "carla", check=0).stdout.strip()
    with through_web(jobd, {"Authorization": f"Bearer {token}"}) as client:
        assert client.call("session.get")["owner"] == "carla"
    with through_web(jobd) as client:
        session = client.call("session.begin", token=token)
        assert session["owner"] == "carla" and session["token"]["scope"]
        job_id = made()
        assert client.call("jobs.create", jobId=job_id)["job"]["owner"] == "carla"
        assert client.ask("session.begin", token=token)["error"]["code"] == -32602
    with through_web(jobd) as client:
        assert client.refusal("jobs.get", jobId=job_id) == "job-not-found"
        assert client.ask("session.begin", token=token)["error"]["code"] == -32602
    with through_web(jobd) as client:
        # A wrong one never makes its holder nobody.
        assert client.refusal("session.begin", token=token[:-2]) == "unauthorized"
        assert client.refusal("jobs.create", jobId=made()) == "unauthorized"
    with pytest.raises(InvalidStatus) as refused:
        through_web(jobd, {"Authorization": "Bearer nonsense"})
    assert refused.value.response.status_code == 401
    operator = jobd.jobctl("token", "--operate", check=0).stdout.split("#token=")[-1].strip()
    with through_web(jobd) as client:
        assert client.call("session.begin", token=operator)["role"] == "operator"
        assert "counts" in client.call("stats.get")


def test_nobody_says_himself_who_he_is(jobd):
    forged = {"Jobd-Owner": "anna", "Jobd-Role": "operator", "Jobd-Address": "203.0.113.9", "Jobd_Role": "operator"}
    with through_web(jobd, forged) as client:
        assert client.call("session.get") == {"owner": None, "role": None, "token": None}
    for double in (("Jobd-Owner", "ben"), ("Jobd-Role", "operator"), ("Jobd-Address", "192.0.2.2")):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(jobd.directory / "run/websocket.sock"))
            lines = [
                f"GET {PATH} HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: jobd.1",
                f"{double[0]}: {double[1]}", f"{double[0]}: {double[1]}", "", "",
            ]
            connection.sendall("\r\n".join(lines).encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_what_is_not_a_handshake_is_told_so(jobd):
    code, answer = status(jobd, Upgrade=None, Connection=None)
    assert code == 426
    assert status(jobd, Sec_WebSocket_Version="12")[0] in (400, 426)
    assert status(jobd, Sec_WebSocket_Protocol="jobd.2")[0] == 400
    assert jobd.post(PATH, b"").status in (400, 405)
    # A client that knows no subprotocol.
    with pytest.raises(InvalidStatus) as refused:
        through_web(jobd, subprotocols=None)
    assert refused.value.response.status_code == 400


def test_pages_of_other_sites_get_no_socket(jobd):
    own = f"http://127.0.0.1:{jobd.port}"
    with through_web(jobd, origin=own) as client:
        client.call("session.get")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        with pytest.raises(InvalidStatus) as refused:
            through_web(jobd, headers)
        assert refused.value.response.status_code == 403


def test_a_message_has_two_mebibytes_and_frames_have_rules(jobd):
    with through_web(jobd) as client:
        fitting = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.get", "params": {"x": ""}})
        client.connection.send(fitting.replace('""', '"' + "x" * (2_097_152 - len(fitting)) + '"'))
        assert client.message()["id"] == 1
        client.connection.send("x" * 2_097_153)
        with pytest.raises(ConnectionClosed) as closed:
            client.message()
        assert closed.value.rcvd.code == 1009
    with through_web(jobd) as client:
        client.connection.send(b"binary")
        with pytest.raises(ConnectionClosed) as closed:
            client.message()
        assert closed.value.rcvd.code == 1003


@of_fronts
def test_a_client_that_does_not_read_misses_states_and_never_the_last(jobd):
    job_id = made()
    # Little lies on its way, so that few updates are enough: who reads nothing for two minutes is given up.
    way = socket.socket()
    way.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    way.connect(("127.0.0.1", jobd.port))
    slow = through_web(jobd, max_queue=1, sock=way)
    with slow, through_web(jobd) as client:
        client.call("jobs.create", jobId=job_id, jobType="report")
        assert slow.call("jobs.watch", jobIds=[job_id])["jobs"]
        client.call("jobs.update", jobId=job_id, status="processing")
        count = 150
        for number in range(count):
            client.call("jobs.update", jobId=job_id, metadata={"filler": f"{number:06}" * 8000})
        client.call("jobs.update", jobId=job_id, status="completed")
        versions = [version for version, _ in slow.versions(job_id)]
        assert versions == sorted(set(versions)) and versions[-1] == count + 3
        assert len(versions) < count


def report(jobd, job_id, stop):
    """The application, which says how far it is, whatever happens to the service."""
    progress = 0
    while not stop.is_set():
        progress = min(progress + 1, 99)
        try:
            jobd.request("PATCH", f"/api/jobs/{job_id}", {"progress": progress, "message": f"{time.time()}"})
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)


@of_fronts
def test_a_watch_survives_the_daemon_and_comes_back_after_a_front(jobd):
    job_id = made()
    assert jobd.post("/api/jobs", {"jobId": job_id, "jobType": "report"}).status == 201
    assert jobd.request("PATCH", f"/api/jobs/{job_id}", {"status": "processing"}).status == 200
    stop = threading.Event()
    application = threading.Thread(target=report, args=(jobd, job_id, stop))
    application.start()
    newest, ends = 0, []

    def follow(count, reconnects):
        """Reads so many states, and comes back with what it knows when it is thrown out."""
        nonlocal newest
        seen = 0
        while seen < count:
            try:
                with through_web(jobd) as client:
                    begun = client.call("jobs.watch", jobIds=[job_id], since={job_id: newest})
                    jobs = begun["jobs"]
                    while seen < count:
                        for job in jobs:
                            assert job["version"] > newest
                            newest, seen = job["version"], seen + 1
                        jobs = [client.notification()["params"]["job"]]
            except (ConnectionClosed, OSError, InvalidStatus, EOFError) as end:
                assert reconnects, end
                ends.append(end)

    try:
        with through_web(jobd) as client:
            begun = client.call("jobs.watch", jobIds=[job_id])
            newest = begun["jobs"][0]["version"]
            for _ in range(3):
                jobd.kill("serve")
                # The same watch goes on by itself.
                for _ in range(3):
                    version = client.notification()["params"]["job"]["version"]
                    assert version > newest
                    newest = version
        for _ in range(3):
            follow(3, reconnects=True)
            jobd.kill("fastcgi")
        follow(3, reconnects=True)
    finally:
        stop.set()
        application.join()
    with through_web(jobd) as client:
        client.call("jobs.watch", jobIds=[job_id], since={job_id: newest})
        wait_for(lambda: jobd.request("PATCH", f"/api/jobs/{job_id}", {"status": "completed"}).status in (200, 409), "the end")
        assert [*client.versions(job_id)][-1][1] == "completed"


def test_a_front_that_stops_says_so_and_a_dead_one_does_not(jobd):
    fronts = jobd.part("fastcgi")
    clients = [through_web(jobd) for _ in range(12)]
    for client in clients:
        client.call("session.get")
    for pid in fronts:
        os.kill(pid, signal.SIGTERM)
    codes = []
    for client in clients:
        with pytest.raises(ConnectionClosed) as closed:
            client.connection.recv(timeout=PATIENCE)
        codes.append(closed.value.rcvd.code)
    assert codes == [1001] * len(clients)
    with wait_for(lambda: connected(jobd), "a new front") as client:
        # Those of now: by its number alone, an old one is not told from its successor.
        for pid in jobd.part("fastcgi"):
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(ConnectionClosed) as closed:
            client.connection.recv(timeout=PATIENCE)
        assert closed.value.rcvd is None
    wait_for(lambda: connected(jobd), "a new front").connection.close()


def connected(jobd):
    try:
        return through_web(jobd)
    except (OSError, InvalidStatus, EOFError, ConnectionClosed):
        return None


@of_fronts
def test_without_a_daemon_a_request_gets_what_http_gets(start):
    jobd = start('[access]\nanonymous = "ids"\n[front]\ndaemonWait = "2s"\n')
    with through_web(jobd) as client:
        wait_for(lambda: "result" in client.ask("session.get"), "the daemon")
        [daemon] = jobd.part("serve")
        suspend(daemon)
        try:
            answer = client.ask("jobs.create", jobId=made())
            assert answer["error"]["data"] == {"code": "unavailable", "retry": True}
        finally:
            os.kill(daemon, signal.SIGCONT)
        wait_for(lambda: "result" in client.ask("jobs.create", jobId=made()), "the daemon")


@of_fronts
def test_a_worker_takes_a_job_over_a_socket(jobd):
    with as_web(jobd, role="operator") as operator:
        job_id = made()
        operator.call("jobs.create", jobId=job_id, jobType="elsewhere", fileIds=[])
        [claimed] = operator.call("work.claim", queues=["default"], worker="a page", waitSeconds=10)["jobs"]
        assert claimed["job"]["jobId"] == job_id
        # The lease of one behind a front, which ends by itself.
        assert claimed["lease"]["expiresAt"]
        assert operator.call("work.complete", jobId=job_id, token=claimed["lease"]["token"], result={"pages": 1})["status"] == "completed"


@of_fronts
def test_a_silent_connection_is_looked_after(jobd, full):
    if not full:
        pytest.skip("--full")
    with through_web(jobd) as client:
        pings = []
        client.connection.protocol.process_event = lambda event: pings.append(event)
        with pytest.raises(TimeoutError):
            client.connection.recv(timeout=17)
    with socket.create_connection(("127.0.0.1", jobd.port)) as half:
        half.settimeout(180)
        key = base64.b64encode(os.urandom(16)).decode()
        half.sendall(
            f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{jobd.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: jobd.1\r\n\r\n".encode())
        begun = time.monotonic()
        received = b""
        # It answers nothing: pings come, then the end.
        while part := half.recv(4096):
            received += part
        assert received.count(b"\x89\x00") >= 8 and 100 < time.monotonic() - begun < 160


FOLLOWERS = {
    "python": """
import sys
sys.path.insert(0, sys.argv[1])
from jobd import Client
jobd = Client(sys.argv[2], token=sys.argv[3])
for job in jobd.follow(sys.argv[4]):
    print(job["version"], job["message"], flush=True)
jobd.close()
""",
    "node": """
const { Jobd } = await import(`file://${process.argv[2]}/jobd.mjs`);
const jobd = new Jobd(process.argv[3], { token: process.argv[4] });
for await (const job of jobd.follow(process.argv[5])) console.log(job.version, job.message);
jobd.close();
""",
}


@of_fronts
@pytest.mark.parametrize("language", FOLLOWERS)
def test_the_clients_of_one_file_follow_through_every_death(jobd, tmp_path, language):
    """They connect and watch again by themselves; what has changed meanwhile is told, and nothing twice."""
    program = tmp_path / ("follow.py" if language == "python" else "follow.mjs")
    program.write_text(FOLLOWERS[language])
    job_id = made()
    token = jobd.jobctl("token", "--owner", "ann").stdout.strip()
    auth = {"Authorization": f"Bearer {token}"}

    def post(verb, path, body):
        def asked():
            answer = jobd.request(verb, path, body, auth)
            return answer.status in (200, 201) and answer
        wait_for(asked, path)

    post("POST", "/api/jobs", {"jobId": job_id, "jobType": "report", "message": "first"})
    follower = subprocess.Popen(
        [sys.executable if language == "python" else "node", program, ROOT / "Sources/Clients",
         f"ws://127.0.0.1:{jobd.port}", token, job_id], stdout=subprocess.PIPE, text=True)
    try:
        lines = [follower.stdout.readline().split()]
        for message, victims in [("pushed", []), ("later", ["serve"]), ("again", ["fastcgi"]), ("both", ["serve", "fastcgi"])]:
            for pid in [pid for victim in victims for pid in jobd.part(victim)]:
                os.kill(pid, signal.SIGKILL)
            post("PATCH", f"/api/jobs/{job_id}", {"message": message})
            lines.append(follower.stdout.readline().split())
        post("PATCH", f"/api/jobs/{job_id}", {"status": "completed", "message": "last"})
        lines.append(follower.stdout.readline().split())
        assert follower.wait(PATIENCE) == 0 and follower.stdout.read() == ""
    finally:
        follower.kill()
        follower.wait()
    assert [message for _, message in lines] == ["first", "pushed", "later", "again", "both", "last"]
    versions = [int(version) for version, _ in lines]
    assert versions == sorted(set(versions))
