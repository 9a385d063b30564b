"""jobd and its peers, each with what its own documentation says makes it durable, in a directory of its own."""

import contextlib
import glob
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from load import PAYLOAD, program

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from service import JOBD, Service, wait_for  # noqa: E402,F401

PARAMETERS = pathlib.Path(__file__).resolve().parents[2] / "config/nginx/jobd_fastcgi_params"


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
def nginx(location, server=""):
    """nginx as `jobd dev` has it, one worker and no access log, with one location; the port."""
    with directory() as place:
        port = free_port()
        folders = "".join(
            f"{kind}_temp_path {place}/{kind}; " for kind in ("client_body", "fastcgi", "proxy", "uwsgi", "scgi"))
        user = "user root;" if os.getuid() == 0 else ""
        (place / "nginx.conf").write_text(f"""
            daemon off; worker_processes 1; {user} pid {place}/nginx.pid; error_log stderr warn;
            events {{ worker_connections 16384; }}
            http {{
                access_log off; {folders}
                {server}
                server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ {location} }} }}
            }}
            """)
        with process(
                "nginx", "-p", place, "-e", "stderr", "-c", place / "nginx.conf",
                ready=lambda: accepts(("127.0.0.1", port))):
            yield port


@contextlib.contextmanager
def hello(answer):
    """nginx before a program in C that answers everything with the same text; the port."""
    with directory() as place:
        path = f"{place}/hello.sock"
        (place / "answer").write_bytes(answer)
        with process(program("hello", "fcgi"), path, place / "answer", ready=lambda: accepts(path)):
            with nginx(f"fastcgi_pass unix:{path}; include {PARAMETERS};") as port:
                yield port


# What a web application in PHP does when it keeps its jobs in Redis: one lookup over a connection that stays.
PHP = """<?php
$redis = new Redis();
$redis->pconnect('%s');
$job = $redis->get('job:' . basename($_SERVER['REQUEST_URI']));
header('Content-Type: application/json');
if ($job === false) { http_response_code(404); $job = '{}'; }
echo $job;
"""

POOL = """
[global]
daemonize = no
error_log = /dev/stderr
log_level = warning
[jobs]
listen = %s
listen.backlog = 1024
pm = static
pm.max_children = 8
%s
"""


@contextlib.contextmanager
def php(redis_socket):
    """nginx before PHP-FPM that reads from Redis; the port."""
    fpm = sorted(glob.glob("/usr/sbin/php-fpm*"))
    if not fpm:
        raise RuntimeError("php-fpm is not installed")
    with directory() as place:
        path, script, isRoot = f"{place}/fpm.sock", place / "job.php", os.getuid() == 0
        script.write_text(PHP % redis_socket)
        (place / "fpm.conf").write_text(POOL % (path, "user = root\ngroup = root" if isRoot else ""))
        with process(
                fpm[-1], "--nodaemonize", "-y", place / "fpm.conf", *(["-R"] if isRoot else []),
                ready=lambda: accepts(path)):
            with nginx(
                    f"fastcgi_pass unix:{path}; include {PARAMETERS}; fastcgi_param SCRIPT_FILENAME {script};") as port:
                yield port


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
