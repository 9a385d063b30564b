"""Other web servers in front of the same fronts, as their documentation would have them set up."""

import pathlib
import socket
import subprocess


def lighttpd(directory, port, fastcgi):
    file = directory / "lighttpd.conf"
    file.write_text(f"""
server.modules = ("mod_fastcgi", "mod_setenv")
server.document-root = "{directory}"
server.bind = "127.0.0.1"
server.port = {port}
server.upload-dirs = ("{directory}")
# What a name may have is for the front to say.
server.http-parseopts = ("url-ctrls-reject" => "disable")
# Bodies and answers are passed on while they come.
server.stream-request-body = 2
server.stream-response-body = 2
# Who is an operator; no header can have this name.
$HTTP["remoteip"] == "127.0.0.1" {{ setenv.set-environment = ("JOBD_ROLE" => "operator") }}
fastcgi.server = ("/api/" => (("socket" => "{fastcgi}", "check-local" => "disable")))
""")
    return ["lighttpd", "-D", "-f", file]


def apache(directory, port, fastcgi):
    modules = pathlib.Path("/usr/lib/apache2/modules")
    load = "\n".join(
        f"LoadModule {name}_module {modules}/mod_{name}.so"
        for name in ("mpm_event", "authz_core", "setenvif", "proxy", "proxy_fcgi"))
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
# Ids may contain an encoded slash only to be refused by the front.
AllowEncodedSlashes NoDecode
ProxyPass "/api/" "unix:{fastcgi}|fcgi://jobd/api/" flushpackets=on timeout=75
# Who is an operator; no header can have this name.
SetEnvIf Remote_Addr "^127[.]0[.]0[.]1$" JOBD_ROLE=operator
# The address as it was sent, which the front itself decodes.
ProxyFCGISetEnvIf "true" REQUEST_URI "%{{reqenv:REQUEST_URI}}"
""")
    return ["apache2", "-D", "FOREGROUND", "-f", file]


def start(name, directory, fastcgi):
    """Starts a web server and returns its process and its port, once it accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = {"lighttpd": lighttpd, "apache": apache}[name](directory, port, fastcgi)
    with open(directory / "web.log", "wb") as log:
        return subprocess.Popen(arguments, stdout=log, stderr=log), port
