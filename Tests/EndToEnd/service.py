"""jobd as a user has it: the real executable, real nginx, a directory of its own, and clients that know nothing of it."""

import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

import web

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOBD = pathlib.Path(os.environ.get("JOBD", ROOT / ".build/debug/jobd")).resolve()
CONTRACT = ROOT / "Tests/Fixtures/pdf/contract.pdf"

# The web server through which requests go.
WEB = os.environ.get("WEB", "nginx")
# Only nginx is told to give its own errors the shape of jobd's.
HAS_OWN_ERRORS = WEB != "nginx"

# What takes longer hangs, even on a machine that is four times as busy.
PATIENCE = 240


class Response:
    def __init__(self, response):
        self.status = response.status
        self.headers = {}
        for name, value in response.getheaders():
            # What is said in two lines is one list.
            earlier = self.headers.get(name.lower())
            self.headers[name.lower()] = value if earlier is None else f"{earlier}, {value}"
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Service:
    """`jobd dev` in a directory of its own."""

    def __init__(self, configuration="", fronts=2, arguments=()):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="jobd", dir="/tmp"))
        if configuration:
            (self.directory / "jobd.toml").write_text(configuration)
        self.fronts = fronts
        self.arguments = arguments
        self.dev = None
        self.web = None

    def start(self):
        self.log = open(self.directory / "log", "ab")
        self.dev = subprocess.Popen(
            [JOBD, "dev", "--directory", self.directory, "--port", "0", "--fronts", str(self.fronts),
             *self.arguments],
            stdout=subprocess.PIPE, stderr=self.log)
        if not select.select([self.dev.stdout], [], [], PATIENCE)[0]:
            raise AssertionError(f"jobd dev is not ready: {self.messages()}")
        line = self.dev.stdout.readline().decode()
        assert line.startswith("jobd dev: ready http://127.0.0.1:"), f"{line!r} {self.messages()}"
        self.port = int(line.rsplit(":", 1)[1])
        if WEB != "nginx":
            self.web, self.port = web.start(WEB, self.directory, self.directory / "run/fastcgi.sock")
            wait_for(self.accepts, WEB)
        return self

    def accepts(self):
        try:
            return self.get("/api/health/live").status == 200
        except OSError:
            return False

    def stop(self, signal_number=signal.SIGTERM):
        """Ends it, and says which of its processes are still there."""
        if self.dev is None:
            return []
        family = self.descendants()
        if self.web:
            self.web.terminate()
            self.web.wait(PATIENCE)
        self.dev.send_signal(signal_number)
        self.dev.wait(PATIENCE)
        self.dev.stdout.close()
        self.log.close()
        self.dev = None
        wait_for(lambda: not any(map(is_alive, family)), "the end of all processes")
        return [pid for pid in family if is_alive(pid)]

    def discard(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def messages(self):
        return (self.directory / "log").read_text()

    # Processes

    def descendants(self):
        children = {}
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
        found, new = [], [self.dev.pid]
        while new:
            new = [child for parent in new for child in children.get(parent, [])]
            found += new
        return found

    def part(self, word):
        """The process ids of a part: `serve`, `fastcgi` or `nginx: master`."""
        return [pid for pid in self.descendants() if word in command_line(pid)]

    def kill(self, word="serve"):
        """Kills a part as the kernel would, and waits until it has gone."""
        [pid, *_] = wait_for(lambda: self.part(word), word)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_alive(pid), f"the end of {word}")
        return pid

    # Clients

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def request(self, method, path, body=None, headers=None):
        """One request over a fresh connection; what is neither text nor bytes is sent as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = self.connection()
        try:
            connection.request(method, path, body, headers)
            return Response(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def upload(self, content, name="contract.pdf"):
        answer = self.post(f"/api/files?name={name}", content, headers={"Content-Type": "application/pdf"})
        assert answer.status == 201, answer
        return answer.json

    def process(self, content=None, job_id=None, name="contract.pdf", **more):
        file = self.upload(CONTRACT.read_bytes() if content is None else content, name)
        body = {"fileIds": [file["fileId"]], **({"jobId": job_id} if job_id else {}), **more}
        answer = self.post("/api/file-manager/process", body)
        assert answer.status == 202, answer
        return answer.json

    def job(self, job_id):
        # A daemon that was killed may come back later than fronts wait for it.
        answer = wait_for(lambda: (answer := self.get(f"/api/jobs/{job_id}")).status != 503 and answer, "the daemon")
        assert answer.status == 200, answer
        return answer.json

    def wait(self, job_id):
        """The job once it is final."""
        for event in self.follow(job_id):
            job = event.json
        assert job["status"] in ("completed", "failed", "cancelled"), job
        return job

    def follow(self, job_id):
        """Every state that an EventSource would see: it comes back until it is told that there is no more."""
        last = None
        while True:
            stream = self.stream(job_id, {"Last-Event-ID": str(last)} if last else None)
            if stream.status == 204:
                return
            assert stream.status == 200, stream.status
            for event in stream:
                last = event.id
                yield event

    def stream(self, job_id, headers=None):
        return Stream(self, f"/api/jobs/{job_id}/stream", headers)

    def jobctl(self, *arguments, check=None, **more):
        jobctl = self.directory / "jobctl"
        if not jobctl.exists():
            jobctl.symlink_to(JOBD)
        run = subprocess.run(
            [jobctl, "--socket", self.directory / "run/jobd.sock", *arguments],
            capture_output=True, text=True, timeout=PATIENCE, **more)
        if check is not None:
            assert run.returncode == check, run
        return run


class Event:
    def __init__(self, lines):
        fields = dict(line.split(": ", 1) for line in lines)
        self.name = fields.get("event", "message")
        self.id = int(fields["id"]) if "id" in fields else None
        self.json = json.loads(fields["data"])


class Stream:
    """Server-sent events as they come; ends when the server ends it."""

    def __init__(self, service, path, headers=None):
        self.connection = service.connection()
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", **(headers or {})})
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.retry = None

    def __iter__(self):
        lines = []
        while line := self.response.readline().decode():
            line = line.rstrip("\n")
            if line.startswith("retry: "):
                self.retry = int(line.split(": ")[1])
            elif line and not line.startswith(":"):
                lines.append(line)
            elif lines:
                yield Event(lines)
                lines = []
        self.connection.close()


def one_step(action):
    """A configuration in which a file is processed by one step."""
    return f'[[pipelines.file_processing.steps]]\nname = "step"\n{action}\n'


def command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_alive(pid):
    """Whether it runs; one that has ended and was not waited for does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def suspend(pid):
    """Stops a process, and returns when each of its threads has stopped; SIGKILL still ends it."""
    def state(thread):
        try:
            return thread.read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return "gone"

    os.kill(pid, signal.SIGSTOP)
    threads = pathlib.Path(f"/proc/{pid}/task")
    wait_for(lambda: {state(thread) for thread in threads.glob("*/stat")} <= {"T", "gone"}, f"the stop of {pid}")


def wait_for(condition, what, patience=PATIENCE):
    """Asks again until it is so; for what nobody announces."""
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)
    return answer
