"""jobd and its peers, each with what its own documentation says makes it durable, in a directory of its own."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from load import PAYLOAD, commits, lines

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from service import JOBD, Service, wait_for  # noqa: E402,F401


@contextlib.contextmanager
def directory():
    """On the disk of jobd's own directories."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="peer", dir="/tmp"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextlib.contextmanager
def process(*command, ready, **more):
    """A program that runs while the body does."""
    with open(os.devnull, "w") as nothing:
        child = subprocess.Popen(list(map(str, command)), stdout=nothing, **more)
    try:
        wait_for(lambda: ready() or child.poll() is not None, f"the start of {command[0]}")
        if child.poll() is not None:
            raise RuntimeError(f"{command[0]} ended with {child.returncode}")
        yield child
    finally:
        child.terminate()
        child.wait()


def connection(address):
    """A connection to a Unix socket's path, or to a pair of host and port."""
    connection = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX)
    try:
        connection.connect(address)
        return connection
    except OSError:
        connection.close()
        raise


def completed(control):
    """How many jobs the daemon behind this connection has completed."""
    control.sendall(b'{"jsonrpc":"2.0","id":1,"method":"server.status"}\n')
    return json.loads(control.makefile("rb").readline())["result"]["jobs"]["completed"]


def accepts(address):
    try:
        connection(address).close()
        return True
    except OSError:
        return False


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def jobd(configuration="", fronts=2):
    """`jobd dev`; its control socket is `control`."""
    service = Service(configuration, fronts)
    service.control = str(service.directory / "run/jobd.sock")
    try:
        yield service.start()
    finally:
        service.discard()


@contextlib.contextmanager
def part(word, place, *, socket="jobd.sock", command=(JOBD,), **environment):
    """`jobd serve` or `jobd fastcgi` alone, with all of its own in one directory, where its configuration may be."""
    (place / "data").mkdir(exist_ok=True)
    environment = {
        "JOBD_STORAGE_DIRECTORY": f"{place}/data", "JOBD_CONTROL_SOCKET": f"{place}/jobd.sock",
        "JOBD_FRONT_SOCKET": f"{place}/fastcgi.sock", "JOBD_ACCESS_ANONYMOUS": "open", **environment}
    configuration = ["--config", place / "jobd.toml"] if (place / "jobd.toml").exists() else []
    with open(place / f"{word}.log", "a") as log, process(
            *command, word, *configuration, ready=lambda: accepts(f"{place}/{socket}"),
            env={**os.environ, **environment}, stderr=log) as child:
        yield child


@contextlib.contextmanager
def redis(fsync="always"):
    """Redis with its append-only file; the path of its socket."""
    with directory() as place:
        path = f"{place}/redis.sock"
        with process(
                "redis-server", "--port", 0, "--unixsocket", path, "--dir", place, "--save", "", "--appendonly", "yes",
                "--appendfsync", fsync, ready=lambda: accepts(path)):
            yield path


@contextlib.contextmanager
def beanstalkd():
    """beanstalkd with its log on disk before each answer; the path of its socket."""
    with directory() as place:
        path = f"{place}/beanstalkd.sock"
        with process("beanstalkd", "-l", f"unix:{path}", "-b", place, "-f0", ready=lambda: accepts(path)):
            yield path


@contextlib.contextmanager
def postgresql():
    """PostgreSQL as Debian has it, which syncs its log before it answers a commit; the directory of its socket."""
    programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    with directory() as place:
        # It does not run as root.
        as_user = []
        if os.geteuid() == 0:
            shutil.chown(place, "postgres", "postgres")
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        subprocess.run(
            [*as_user, programs / "initdb", "-D", place / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8"],
            check=True, stdout=subprocess.DEVNULL)
        with process(
                *as_user, programs / "postgres", "-D", place / "data", "-k", place, "-h", "",
                ready=lambda: accepts(f"{place}/.s.PGSQL.5432"), stderr=subprocess.DEVNULL):
            yield place


def sqlite(scale):
    """Single durable commits of jobd's row into a copy of its database."""
    with directory() as place:
        with jobd() as service:
            lines(service.control, CREATE, '"result":', scale, connections=1, count=1)
            service.stop()
            shutil.copy(service.directory / "data/jobd.sqlite", place)
        return commits(place / "jobd.sqlite", scale)


def resp(*words):
    """A command in Redis's own form; holes have the length of what fills them."""
    parts = "".join(f"${len(word)}\\r\\n{word}\\r\\n" for word in words)
    return f"*{len(words)}\\r\\n{parts}"


def create(prefix="job"):
    return (
        r'{"jsonrpc":"2.0","id":"{n........}","method":"jobs.create","params":{"jobId":"' + prefix
        + r'-{n........}","jobType":"benchmark","metadata":' + PAYLOAD + r'}}\n')


# The same requests to each of them, for lines.c; wrk's body.
CREATE = create()
BODY = '{"jobType":"benchmark","metadata":' + PAYLOAD + "}"
GET = r'{"jsonrpc":"2.0","id":"{n........}","method":"jobs.get","params":{"jobId":"job-{m........}"}}\n'
SET = resp("SET", "job:job-{n........}", PAYLOAD)
REDIS_GET = resp("GET", "job:job-{m........}")
PUT = f"put 0 0 60 {len(PAYLOAD)}\\r\\n{PAYLOAD}\\r\\n"
