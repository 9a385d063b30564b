"""Who may do what: every operation of the API for everybody, and with tokens of every form, as the page Security says."""

import base64
import json
import re
import socket
import time
import uuid

import pytest

from service import PATIENCE, ROOT, Service
from test_fastcgi import ask
from test_owners import IDS, Answer, Person, call, jwt, made, reply

# Jobs that wait for a worker, who never comes.
HELD = '[queues.side]\nwidth = 1\n[pipelines.held]\nwork = "workers"\n'
PAGE = ROOT / "Sources/jobd/jobd.docc/Security.md"
PEOPLE = ("anonymous", "an owner", "an observer", "an operator")


@pytest.fixture(scope="module")
def service():
    jobd = Service(IDS + HELD)
    yield jobd.start()
    jobd.discard()


def table():
    """The rows of the page: the right, who has it, and what needs it."""
    section = PAGE.read_text().split("## Request by request\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    assert rows[0] == ["right", *PEOPLE, "a token's scope", "requests", "methods of the sockets"], rows[0]
    names = lambda cell: re.findall(r"`([^`]+)`", cell)
    return {
        row[0]: {
            "people": {who: cell == "yes" for who, cell in zip(PEOPLE, row[1:5])},
            "scopes": set(names(row[5])), "operations": names(row[6]), "methods": names(row[7])}
        for row in rows[2:]}


def operations(jobd):
    for path, methods in jobd.get("/api/openapi.json").json["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path, operation


def test_the_page_has_every_request_and_every_method_under_its_right(service):
    rows = {right: {"operations": [], "methods": []} for right in table()}
    for name, _, _, operation in operations(service):
        rows[f"`{operation['x-jobd-right']}`" + ", lists" * ("x-jobd-lists-without" in operation)]["operations"].append(name)
    for method in call(service.directory / "run/admin.sock", "rpc.discover")["methods"]:
        lists = method["name"] in ("jobs.list", "jobs.watch")
        rows[f"`{method['x-jobd-right']}`" + ", lists" * lists]["methods"].append(method["name"])
    for right, row in table().items():
        for kind in ("operations", "methods"):
            assert row[kind] == rows[right][kind], f"the page's {kind} of {right}: " + ", ".join(f"`{name}`" for name in rows[right][kind])


class Caller(Person):
    """Somebody, as a web server or a token says."""

    def __init__(self, jobd, owner="", role="", token=None, job=None):
        super().__init__(jobd, owner, role)
        self.token = token
        # The one that his token is for.
        self.job = job

    def ask(self, method, path, body=None, **more):
        parameters = {
            "JOBD_OWNER": self.owner, "JOBD_ROLE": self.role, "REMOTE_ADDR": self.address, "HTTP_HOST": "localhost", **more}
        if self.token is not None:
            parameters["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        if body is not None:
            parameters["CONTENT_LENGTH"] = str(len(body))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.jobd.directory / "run/fastcgi.sock"))
            return Answer(ask(connection, method, path, body or b"", **parameters))


# Which name what is not there, or is not any more.
MAY_BE_MISSING = ("getArtifact", "getInput", "deleteSchedule", "runSchedule", "redeliver", "deleteUpload")
OWN = ["read", "write", "create"]


class World:
    """What the requests are about: a job, a file, an upload and a batch of ann's."""

    def __init__(self, jobd):
        self.ann = Caller(jobd, "ann")
        self.file = self.ann.ask("POST", "/api/files?name=a.txt", b"x", CONTENT_TYPE="text/plain").json["fileId"]
        self.job = made("ann")
        self.batch = made("batch")
        job = {"jobId": self.job, "jobType": "held", "fileIds": [self.file]}
        assert self.ann.post("/api/jobs", job).status == 201
        batch = {"batchId": self.batch, "jobs": [{"jobType": "import"}]}
        assert self.ann.post("/api/batches", batch).status == 201
        begun = self.ann.ask("POST", "/api/uploads", b"", HTTP_TUS_RESUMABLE="1.0.0", HTTP_UPLOAD_LENGTH="5")
        assert begun.status == 201, begun
        self.upload = begun.headers["location"].rpartition("/")[2]
        self.claims = {"sub": "ann", "scope": OWN, "exp": int(time.time()) + 3600}

    @property
    def names(self):
        return self.job, self.file, self.batch, self.upload

    def path(self, path):
        own = {"/api/queues/{name}": "side", "/api/jobs/{id}": self.job, "/api/files/{id}": self.file, "/api/batches/{id}": self.batch,
               "/api/uploads/{id}": self.upload}
        for pattern, name in own.items():
            if path.startswith(pattern):
                path = re.sub(r"\{\w+\}", name, pattern) + path[len(pattern):]
        return re.sub(r"\{\w+\}", "a", path)

    def body(self, operation, job):
        lease = {"jobId": self.job, "token": "none"}
        bodies = {
            "createJob": {"jobId": job or made()}, "process": {"jobId": job or made(), "fileIds": []}, "createBatch": {"jobs": [{}]},
            "claimWork": {"queues": ["side"], "waitSeconds": 0}, "renewWork": {"leases": [lease]}, "reportWork": lease,
            "completeWork": lease, "failWork": {**lease, "error": {"code": "no"}}, "releaseWork": lease,
            "putSchedule": {"cron": "@yearly", "jobType": "import"},
            "changeJobs": {"action": "cancel", "jobType": "none", "dryRun": True}, "updateJob": {"message": "x"},
        }
        return json.dumps(bodies.get(operation, {})).encode()

    def send(self, caller, operation, method, path):
        more = {"CONTENT_TYPE": "application/json", "HTTP_IF_MATCH": '"999"', "HTTP_LEASE_TOKEN": "none"}
        if "stream" in operation:
            # They do not end.
            return caller.ask("HEAD", self.path(path), **more)
        if operation.endswith("Upload"):
            # Behind what is there, so that it is refused by whoever lets it in.
            more |= {"CONTENT_TYPE": "application/offset+octet-stream", "HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": "3",
                     "HTTP_UPLOAD_LENGTH": "5"}
            return caller.ask(method, self.path(path), b"" if method in ("POST", "PATCH") else None, **more)
        if operation in ("uploadFiles", "putArtifact"):
            return caller.ask(method, self.path(path), b"x", **more | {"CONTENT_TYPE": "text/plain"})
        body = self.body(operation, caller.job) if method in ("POST", "PUT", "PATCH") else None
        return caller.ask(method, self.path(path), body, **more)


@pytest.fixture(scope="module")
def world(service):
    return World(service)


class Ghosts(World):
    """Ids as ann's are, of what never was."""

    def __init__(self, world):
        unlike = lambda name: name[:-8] + uuid.uuid4().hex[:8]
        self.job, self.file, self.batch, self.upload = map(unlike, world.names)


def wrong_tokens(jobd, claims):
    """Tokens that would be an operator's, if they were good."""
    now = int(time.time())
    claims = {**claims, "scope": ["operate"]}
    good = jwt(jobd, claims)
    head, payload, mac = good.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "dev"}).encode()).rstrip(b"=").decode()
    flip = lambda part: ("f" if part[0] == "e" else "e") + part[1:]
    return {
        "ended": jwt(jobd, {**claims, "exp": now - 1}), "for later": jwt(jobd, {**claims, "nbf": now + 3600, "exp": now + 7200}),
        "for too long": jwt(jobd, {**claims, "exp": now + 90_000}), "without an end": jwt(jobd, {"scope": ["operate"]}),
        "of another key": jwt(jobd, claims, {"kid": "other"}), "with the name of a key": jwt(jobd, claims, secret=bytes(32)),
        "of no algorithm": f"{none}.{payload}.{mac}", "not signed": f"{none}.{payload}.", "empty": "",
        "head altered": f"{flip(head)}.{payload}.{mac}", "claims altered": f"{head}.{flip(payload)}.{mac}",
        "signature altered": f"{head}.{payload}.{flip(mac)}"}


def test_everybody_gets_what_the_page_says_and_nothing_else(service, world):
    rows = table()
    mine, token = world.claims, lambda claims: Caller(service, token=jwt(service, claims), job=claims.get("job"))
    # Who; the column that he is in, or his token's scope; and whether ann's things are there for him.
    callers = {
        "anonymous": (Caller(service), "anonymous", False), "ann": (world.ann, "an owner", True), "bob": (Caller(service, "bob"), "an owner", False),
        "observer": (Caller(service, role="observer"), "an observer", True), "operator": (Caller(service, role="operator"), "an operator", True),
        "ann's token": (token(mine), set(OWN), True), "bob's token": (token({**mine, "sub": "bob"}), set(OWN), False),
        "a token for this job": (token({**mine, "sub": "bob", "job": world.job}), set(OWN) | {"job"}, True),
        "a token for another job": (token({**mine, "sub": "bob", "job": made()}), set(OWN) | {"job"}, False),
    } | {
        f"a token to {right}": (token({**mine, "scope": [right]}), {right}, True)
        for right in ("create", "read", "write", "work", "observe", "operate")}
    wrong = {name: Caller(service, role="operator", token=text) for name, text in wrong_tokens(service, mine).items()}
    count = 0
    for name, method, path, operation in operations(service):
        lists = ", lists" * ("x-jobd-lists-without" in operation)
        row = rows[f"`{operation['x-jobd-right']}`{lists}"]
        concerns = re.match(r"/api/(jobs|files|uploads|batches)/\{id\}", path)
        for who, (caller, column, is_there) in callers.items():
            count += 1
            answer = world.send(caller, name, method, path)
            if isinstance(column, str):
                may = row["people"][column]
            else:
                may = operation["x-jobd-right"] == "public" or bool(column & row["scopes"]) and not ("job" in column and lists)
            if "job" in column:
                # It is for the job and its holder's files, and for no batch.
                is_there = is_there and not re.search("batch|file|upload", path)
            case = f"{name} by {who}: {answer}"
            # Nobody has batches, and makes none.
            if name == "createBatch" and (who == "anonymous" or "job" in column):
                may = False
            if not may:
                assert answer.status == 403, case
            elif concerns and not is_there:
                assert answer.status == 404, case
                assert not answer.body or answer.json["code"].endswith("-not-found"), case
            else:
                assert answer.status not in (401, 403), case
                assert answer.status != 404 or name in MAY_BE_MISSING, case
        for form, caller in wrong.items():
            count += 1
            answer = world.send(caller, name, method, path)
            # Those who ask whether it lives show nothing of themselves, and this is not the socket where one opens another.
            expected = {"isLive": 200, "isReady": 200, "describe": 200, "openSocket": 426}.get(name, 401)
            assert answer.status == expected, f"{name} with a token that is {form}: {answer}"
    assert count > 1000
    assert world.ann.get(f"/api/jobs/{world.job}").json["version"] == 1


def test_what_is_anothers_looks_like_what_never_was(service, world):
    ghosts = Ghosts(world)

    def alike(ask):
        """What an answer tells must be the same: status, headers, and each byte but those of the names."""
        told = []
        for things in (world, ghosts):
            answer = repr(ask(things))
            for number, name in enumerate(things.names):
                answer = answer.replace(name, f"<{number}>")
            told.append(answer)
        assert told[0] == told[1]
        return told[0]

    def over_http(caller, operation, method, path, **more):
        def ask(things):
            answer = things.send(caller, operation, method, path) if not more else caller.ask(method, things.path(path), **more)
            answer.headers.pop("date", None)
            return answer.status, answer.headers, answer.body
        return ask

    statuses = set()
    for caller in (Caller(service), Caller(service, "bob")):
        for name, method, path, _ in operations(service):
            if re.match(r"/api/(jobs|files|uploads|batches)/\{id\}", path):
                told = alike(over_http(caller, name, method, path))
                statuses.add(told[1:4])
                # As if it were his: with the right version, and with what is wrong in itself.
                if method in ("PATCH", "DELETE", "POST") and "/uploads/" not in path:
                    for body in (b'{"message": "x"}', b'{"message": 1}'):
                        alike(over_http(caller, name, method, path, body=body, CONTENT_TYPE="application/json", HTTP_IF_MATCH='"1"'))
        # What names others within its body.
        for body in (
                lambda things: {"fileIds": [things.file]}, lambda things: {"fileIds": [things.upload]},
                lambda things: {"after": [things.job]}, lambda things: {"dedupeKey": things.job}):
            def ask(things, body=body):
                answer = caller.post("/api/jobs", body(things))
                return answer.status, answer.json if answer.status >= 400 else None
            alike(ask)
        alike(lambda things: caller.ask(
            "POST", "/api/uploads", b"", HTTP_TUS_RESUMABLE="1.0.0", HTTP_UPLOAD_CONCAT=f"final;/api/uploads/{things.upload}").body)
        alike(lambda things: caller.ask("HEAD", f"/api/jobs/stream?ids={things.job}").status)
    # Nothing of it was let in, or is a difference between who may not and who may.
    assert statuses <= {"403", "404"}, statuses
    assert world.ann.get(f"/api/jobs/{world.job}").json["version"] == 1


def test_a_call_for_somebody_tells_nothing_of_what_is_anothers(service, world):
    ghosts, socket_path = Ghosts(world), service.directory / "run/front.sock"
    lease = {"token": "none"}
    params = {
        "jobs.get": lambda of: {"jobId": of.job}, "jobs.explain": lambda of: {"jobId": of.job}, "jobs.logs": lambda of: {"jobId": of.job},
        "jobs.cancel": lambda of: {"jobId": of.job}, "jobs.retry": lambda of: {"jobId": of.job}, "jobs.delete": lambda of: {"jobId": of.job},
        "jobs.update": lambda of: {"jobId": of.job, "message": "x"}, "jobs.watch": lambda of: {"jobIds": [of.job]},
        "jobs.process": lambda of: {"jobId": made("own"), "fileIds": [of.file]}, "artifacts.get": lambda of: {"jobId": of.job, "name": "a"},
        "files.get": lambda of: {"fileId": of.file}, "files.delete": lambda of: {"fileId": of.file},
        "files.append": lambda of: {"fileId": of.file, "data": "eA=="}, "files.commit": lambda of: {"fileId": of.file},
        "uploads.get": lambda of: {"fileId": of.upload}, "uploads.delete": lambda of: {"fileId": of.upload},
        "uploads.length": lambda of: {"fileId": of.upload, "length": 9}, "batches.get": lambda of: {"batchId": of.batch},
        "batches.cancel": lambda of: {"batchId": of.batch}, "work.renew": lambda of: {"leases": [{"jobId": of.job, **lease}]},
        "work.report": lambda of: {"jobId": of.job, **lease}, "work.complete": lambda of: {"jobId": of.job, **lease},
    }
    methods = {method["name"] for method in call(service.directory / "run/admin.sock", "rpc.discover")["methods"]}
    assert set(params) <= methods, set(params) - methods
    for owner in (None, "bob"):
        for method, make in params.items():
            told = []
            for things in (world, ghosts):
                caller = {"owner": owner, "role": None, "address": "192.0.2.1", "token": None}
                answer = json.dumps(reply(socket_path, method, make(things), caller))
                for number, name in enumerate(things.names):
                    answer = answer.replace(name, f"<{number}>")
                # What is counted, and made here.
                told.append(re.sub(r'own_[0-9a-z_]+|"watch": \d+', "", answer))
            assert told[0] == told[1], method
