"""Other web servers in front of the same fronts, with the files that the project has for them."""

import pathlib
import socket
import subprocess

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "config"


def shipped(name, directory, fastcgi):
    """A file for a web server, with the socket of this service."""
    text = (CONFIG / name / "jobd.conf").read_text()
    assert "/run/jobd/fastcgi.sock" in text and "/run/jobd/websocket.sock" in text
    file = directory / f"{name}-jobd.conf"
    file.write_text(text.replace("/run/jobd/", f"{fastcgi.parent}/"))
    return file


def identity(directory):
    """What a test has put there to say who asks; nothing otherwise."""
    file = directory / "identity.conf"
    file.touch()
    return file


def lighttpd(directory, port, fastcgi):
    file = directory / "lighttpd.conf"
    file.write_text(f"""
server.modules = ("mod_auth", "mod_authn_file")
server.document-root = "{directory}"
server.bind = "127.0.0.1"
server.port = {port}
server.upload-dirs = ("{directory}")
include "{shipped("lighttpd", directory, fastcgi)}"
include "{identity(directory)}"
""")
    return ["lighttpd", "-D", "-f", file]


def apache(directory, port, fastcgi):
    modules = pathlib.Path("/usr/lib/apache2/modules")
    load = "\n".join(
        f"LoadModule {name}_module {modules}/mod_{name}.so"
        for name in ("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "env", "setenvif", "headers",
                     "proxy", "proxy_fcgi", "proxy_http", "proxy_wstunnel"))
    file = directory / "apache.conf"
    file.write_text(f"""
ServerRoot "{directory}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{directory}/apache.pid"
ErrorLog "{directory}/apache.log"
{load}
ThreadsPerChild 64
MaxRequestWorkers 256
ServerLimit 4
Include "{shipped("apache", directory, fastcgi)}"
Include "{identity(directory)}"
""")
    return ["apache2", "-D", "FOREGROUND", "-f", file]


def start(name, directory, fastcgi):
    """Starts a web server and returns its process and its port, once it accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = {"lighttpd": lighttpd, "apache": apache}[name](directory, port, fastcgi)
    with open(directory / "web.log", "wb") as log:
        return subprocess.Popen(arguments, stdout=log, stderr=log), port
