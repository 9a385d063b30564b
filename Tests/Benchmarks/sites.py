"""What answers over HTTP besides jobd, always behind the same nginx."""

import contextlib
import glob
import os
import pathlib

from load import program
from peers import accepts, directory, free_port, process

HERE = pathlib.Path(__file__).resolve().parent
PARAMETERS = HERE.parents[1] / "config/nginx/jobd_fastcgi_params"


@contextlib.contextmanager
def nginx(location, main=""):
    """nginx as `jobd dev` has it, one worker and no access log, with one location; the port.

    It keeps no connections: each would hold a thread or a child of what is behind it.
    """
    with directory() as place:
        port = free_port()
        folders = "".join(
            f"{kind}_temp_path {place}/{kind}; " for kind in ("client_body", "fastcgi", "proxy", "uwsgi", "scgi"))
        user = "user root;" if os.getuid() == 0 else ""
        (place / "nginx.conf").write_text(f"""
            {main} daemon off; worker_processes 1; {user} pid {place}/nginx.pid; error_log stderr warn;
            events {{ worker_connections 16384; }}
            http {{
                access_log off; {folders}
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


@contextlib.contextmanager
def nchan():
    """nginx with nchan: /publish?id= and /stream?id=, with its defaults; the port."""
    module = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
    if not module.exists():
        raise RuntimeError("libnginx-mod-nchan is not installed")
    locations = """
        location = /publish { nchan_publisher; nchan_channel_id $arg_id; }
        location = /stream { nchan_subscriber eventsource; nchan_channel_id $arg_id; }
        """
    with nginx(locations, main=f"load_module {module};") as port:
        yield port


@contextlib.contextmanager
def node():
    """nginx before memory.js; the port."""
    with directory() as place:
        path = f"{place}/node.sock"
        with process("node", HERE / "memory.js", path, ready=lambda: accepts(path)):
            with nginx(
                    f"proxy_pass http://unix:{path}; proxy_http_version 1.1; proxy_set_header Connection ''; "
                    "proxy_buffering off;") as port:
                yield port


@contextlib.contextmanager
def dav(place):
    """nginx that stores what is PUT in a directory; the port."""
    with nginx(f"root {place}; dav_methods PUT; client_max_body_size 0;") as port:
        yield port
