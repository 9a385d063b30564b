"""A throw-away Debian 12 with systemd, and jobd in it as its users have it: installed with apt, behind Debian's nginx."""

import contextlib
import json
import os
import pathlib
import shlex
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONTAINER = HERE / "container.sh"
PATIENCE = 240


class Machine:
    def __init__(self, base):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="jobd-machine", dir="/tmp")) / "state"
        answer = self.container("up", base, self.state)
        assert answer.returncode == 0, answer.stderr

    def container(self, verb, *arguments):
        return subprocess.run(["sh", CONTAINER, verb, *arguments], capture_output=True, text=True)

    def down(self):
        answer = self.container("down", self.state)
        self.state.parent.rmdir()
        assert answer.returncode == 0, answer.stderr

    def reboot(self):
        answer = self.container("reboot", self.state)
        assert answer.returncode == 0, answer.stderr

    # Commands in it, as root

    def try_run(self, *command, **more):
        return subprocess.run(
            ["sh", CONTAINER, "run", self.state, *command], capture_output=True, text=True, timeout=600, **more)

    def run(self, *command, **more):
        """What it prints; a command that fails is an error."""
        answer = self.try_run(*command, **more)
        assert answer.returncode == 0, f"{shlex.join(map(str, command))}: {answer.stdout[-2000:]} {answer.stderr[-4000:]}"
        return answer.stdout

    def sh(self, script, **more):
        return self.run("sh", "-ec", script, **more)

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def main_pid(self, unit):
        return int(self.show(unit, "MainPID"))

    def write(self, path, text, mode="644"):
        self.sh(f"mkdir -p {shlex.quote(os.path.dirname(path))}; cat >{shlex.quote(path)}; chmod {mode} {shlex.quote(path)}",
                input=text)

    @contextlib.contextmanager
    def drop_in(self, unit, text):
        """A unit as an administrator has changed it."""
        folder = f"/etc/systemd/system/{unit}.d"
        self.write(f"{folder}/test.conf", text)
        self.run("systemctl", "daemon-reload")
        yield
        self.sh(f"rm -r {folder}; systemctl daemon-reload")

    @property
    def files(self):
        """Its root directory, as this machine sees it."""
        return pathlib.Path(self.container("root", self.state).stdout.strip())

    def put(self, file, path):
        (self.files / path.lstrip("/")).write_bytes(pathlib.Path(file).read_bytes())

    def journal(self, *arguments):
        """Entries of the journal of this boot."""
        return [json.loads(line) for line in self.run("journalctl", "-b", "-o", "json", *arguments).splitlines()]

    # Processes, as this machine counts them

    def first(self):
        return int(self.files.parts[2])

    def outside(self, pid):
        """The number that a process of the container has on this machine."""
        namespace = os.readlink(f"/proc/{self.first()}/ns/pid")
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                if (status.read_text().partition("\nNSpid:")[2].split("\n")[0].split()[-1:] == [str(pid)]
                        and os.readlink(status.parent / "ns/pid") == namespace):
                    return int(status.parent.name)
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        raise AssertionError(f"no process {pid} in the container")

    def processes(self, words):
        """Command lines of the container's processes that contain the words."""
        return [line for line in self.run("ps", "-eo", "args=").splitlines() if words in line and "ps -eo" not in line]

    # HTTP, through nginx

    def curl(self, path, *arguments, host="http://127.0.0.1"):
        return self.run("curl", "-sS", "--fail-with-body", *arguments, host + path)

    def json(self, path, *arguments, **more):
        return json.loads(self.curl(path, *arguments, **more))

    def post(self, path, body):
        return self.json(path, "-H", "Content-Type: application/json", "-d", json.dumps(body))

    def upload(self, content, name):
        file = self.run(
            "curl", "-sS", "--fail-with-body", "--data-binary", "@-", f"http://127.0.0.1/api/files?name={name}", input=content)
        return json.loads(file)["fileId"]

    def process(self, content="text", name="text.txt", **more):
        return self.post("/api/file-manager/process", {"fileIds": [self.upload(content, name)], **more})["jobId"]

    def job(self, job_id):
        return self.json(f"/api/jobs/{job_id}")

    def wait(self, job_id):
        """The job once it is final."""
        self.try_run("jobctl", "wait", "--timeout", str(PATIENCE), job_id)
        job = self.job(job_id)
        assert job["status"] in ("completed", "failed", "cancelled"), job
        return job

    def in_network(self, *command, **more):
        """Starts a program of this machine that sees the container's network and nothing else of it."""
        return subprocess.Popen(["nsenter", "-t", str(self.first()), "-n", "--", *command], text=True, **more)


def wait_for(condition, what, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)
    return answer
