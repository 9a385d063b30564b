"""Whatever a client sends, it is not somebody else: forged names, odd requests, and each web server's way to hand them on."""

import base64
import json
import re
import socket
import sys

import pytest

from service import PATIENCE, ROOT, WEB, Service

sys.path.append(str(ROOT / ".build/python"))
from websockets.sync.client import connect  # noqa: E402

IDS = '[access]\nanonymous = "ids"\n'
NOBODY = {"owner": None, "role": None, "token": None}


@pytest.fixture(scope="module")
def site():
    jobd = Service(IDS)
    yield jobd.start()
    jobd.discard()


def talk(port, request, is_all=False):
    """All that comes until the server ends the connection; `is_all`: it sees that nothing more is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        if is_all:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := connection.recv(65_536):
                answer += part
        except ConnectionResetError:
            pass
        return answer


def statuses(answer):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


def sessions(answer):
    """Who the service takes the caller for, in each answer that says it."""
    return [json.loads(text) for text in re.findall(rb'\{"owner":[^{}]*(?:\{[^{}]*\})?[^{}]*\}', answer)]


HEADERS = {
    "nothing": b"", "dashes": b"JOBD-OWNER: ann\r\nJOBD-ROLE: operator\r\n", "underscores": b"JOBD_OWNER: ann\r\nJOBD_ROLE: operator\r\n",
    "as others say it": b"Jobd-Owner: ann\r\nJobd-Role: operator\r\nJobd-Address: 10.1.0.1\r\n",
    "with what is put before": b"HTTP_JOBD_OWNER: ann\r\nHTTP-JOBD-OWNER: ann\r\nHTTP_JOBD_ROLE: operator\r\n",
    "twice": b"JOBD_OWNER: ann\r\nJOBD_OWNER: ann\r\nJOBD-OWNER: ann\r\n", "users": b"X-User: ann\r\nRemote-User: ann\r\nREMOTE_USER: ann\r\n",
    "addresses": b"X-Forwarded-For: 10.1.0.1\r\nForwarded: for=10.1.0.1\r\nX-Real-IP: 10.1.0.1\r\nRemote-Addr: 10.1.0.1\r\n",
    "an unchecked password": b"Authorization: Basic YW5uOng=\r\n", "a digest": b'Authorization: Digest username="ann"\r\n',
    "continued": b"X: y\r\n JOBD_OWNER: ann\r\n", "continued by a tab": b"X: y\r\n\tJOBD_ROLE: operator\r\n",
    "line feeds": b"X: y\nJOBD_OWNER: ann\nJOBD_ROLE: operator\r\n", "a return": b"X: y\rJOBD_OWNER: ann\r\n",
    "a space before the colon": b"JOBD_OWNER : ann\r\n", "no name": b": JOBD_OWNER=ann\r\n", "a zero": b"X: y\0JOBD_OWNER=ann\r\n",
    "other addresses": b"X-Original-URL: /api/stats\r\nX-Rewrite-URL: /api/stats\r\nX-HTTP-Method-Override: PUT\r\n",
    "another site": b"Proxy: x\r\nHost: jobd\r\n", "a record": b"X: \x01\x04\x00\x01\x00\x0fJOBD_OWNERann\r\n",
    "a long one": b"X: " + b"\x0b\x03JOBD_OWNERann" * 300 + b"\r\n", "many": b"".join(b"X-%d: %s\r\n" % (n, b"\x0a\x03JOBD_OWNERann" * 60) for n in range(80)),
    "hop by hop": b"Connection: JOBD_OWNER, close\r\nJOBD_OWNER: ann\r\n", "two ways": b"Authorization: Basic YW5uOng=\r\nAuthorization: Bearer x\r\n",
}

ORDINARY = ("nothing", "dashes", "underscores", "as others say it", "with what is put before", "twice", "users", "addresses", "an unchecked password")

TARGETS = [
    b"/api/jobd/session", b"http://ann/api/jobd/session", b"http://ann:x@localhost/api/jobd/session", b"/api/jobd/session?JOBD_OWNER=ann&owner=ann&role=operator",
    b"/api/./jobd/session", b"/api//jobd/session", b"/api/jobd/session;JOBD_OWNER=ann", b"/api/jobd/session%00", b"/api/jobd/session%0d%0aJOBD_OWNER:%20ann",
    b"/api/jobs/..%2fjobd/session", b"/api/jobs/../jobd/session", b"/api/jobd/session#JOBD_OWNER=ann", b"/api/jobd/session HTTP/1.1\r\nJOBD_OWNER: ann\r\nX:",
]


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_makes_somebody(site, name):
    plain = []
    for target in TARGETS:
        for version in (b" HTTP/1.1", b" HTTP/1.0", b""):
            # Without a version there are no headers either, and no version by way of them.
            if not version and b" " in target:
                continue
            head = b"Host: localhost\r\nConnection: close\r\n" + HEADERS[name] + b"\r\n" if version else b"\r\n"
            answer = talk(site.port, b"GET " + target + version + b"\r\n" + head)
            assert all(status in (200, 400, 401, 404, 414, 421, 431, 494, 505) for status in statuses(answer)), (target, answer)
            assert all(session == NOBODY for session in sessions(answer)), (target, version, answer)
            plain += sessions(answer)
    # What is not wrong in itself is answered.
    assert plain or name not in ORDINARY


@pytest.mark.parametrize("target", [
    b"/api/stats", b"/api/jobs/..;/stats", b"/api/jobs%2f..%2fstats", b"/api/jobd/../stats", b"/api/jobs", b"/api/jobs/%2e%2e/stats", b"/api/jobs/../../metrics",
    b"/metrics", b"/api/queues", b"/api/jobs/stream", b"/api/jobs//stream", b"//api/stats", b"/API/STATS", b"http://x/api/stats", b"/api/stats?ids=a", b"/api/stats/",
    b"/api/jobs?ids=a", b"/api/jobd/webhooks/deliveries", b"/api/jobd/schedules", b"/api/jobd/%73chedules", b"/api/%73tats", b"/api/stats%00", b"/api/stats\x01",
])
def test_no_address_leads_to_what_is_for_operators(site, target):
    for name in ("nothing", "dashes", "underscores", "other addresses", "addresses", "an unchecked password"):
        for version in (b"1.1", b"1.0"):
            answer = talk(site.port, b"GET " + target + b" HTTP/" + version + b"\r\nHost: localhost\r\nConnection: close\r\n" + HEADERS[name] + b"\r\n")
            assert statuses(answer)[0] in (400, 401, 403, 404, 421), (target, name, answer)


HIDDEN = b"GET /api/stats HTTP/1.1\r\nHost: localhost\r\nJOBD_ROLE: operator\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("framing", [
    b"Content-Length: 0\r\n", b"Content-Length: 0\r\nContent-Length: %d\r\n", b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding : chunked\r\n", b"Content-Length: +0\r\n",
    b"Transfer-Encoding: identity, chunked\r\nContent-Length: 0\r\n", b"Content-Length: -1\r\n", b"Content-Length: 0, %d\r\n", b"Upgrade: h2c\r\nContent-Length: 0\r\n",
])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_a_request_in_another_ones_body_is_nobodys(site, framing, version):
    """Where the two ends of a request are seen differently, the rest would be taken for another one: of the same caller, here."""
    framing = framing.replace(b"%d", b"%d" % (len(HIDDEN) + 5))
    body = b"0\r\n\r\n" + HIDDEN
    head = b"POST /api/jobs HTTP/" + version + b"\r\nHost: localhost\r\nContent-Type: application/json\r\n" + framing + b"\r\n"
    answer = talk(site.port, head + body, is_all=True)
    # One that asks for nothing is made a job, of nobody.
    assert all(status in (201, 400, 403, 404, 408, 411, 413, 415, 501) for status in statuses(answer)), answer
    assert b"freeBytes" not in answer and b'"operator"' not in answer


# What each server's file says of how to be somebody.
IDENTITIES = {
    "lighttpd": """
server.modules += ("mod_magnet")
auth.backend = "plain"
auth.backend.plain.userfile = "{directory}/users"
$HTTP["url"] =~ "^/api/(jobs|jobd)(/|$)" {{
    auth.require = ("" => ("method" => "basic", "realm" => "jobs", "require" => "valid-user"))
    magnet.attract-raw-url-to = ("{config}/lighttpd/jobd-owner.lua")
}}
$HTTP["url"] =~ "^/api/queues" {{
    auth.require = ("" => ("method" => "basic", "realm" => "jobs", "require" => "user=boss"))
    setenv.set-environment = ("JOBD_ROLE" => "operator")
}}
""",
    "apache": """
<LocationMatch "^/api/(jobs|jobd|queues)(/|$)">
    AuthType Basic
    AuthName jobs
    AuthUserFile "{directory}/users"
    Require valid-user
</LocationMatch>
ProxyFCGISetEnvIf "-n req('Authorization')" JOBD_OWNER "%{{REMOTE_USER}}"
<Location "/api/jobd/socket">
    RequestHeader set Jobd-Owner "expr=%{{REMOTE_USER}}" "expr=-n req('Authorization')"
</Location>
SetEnvIf Remote_Addr "^10[.]1[.]" JOBD_ROLE=operator
""",
}


def basic(name, password):
    return b"Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()) + b"\r\n"


@pytest.fixture(scope="module")
def known():
    """A service that is told who asks, as the server's own file says."""
    if WEB not in IDENTITIES:
        pytest.skip("nginx is tested with its own files of identities")
    jobd = Service(IDS)
    (jobd.directory / "identity.conf").write_text(IDENTITIES[WEB].format(directory=jobd.directory, config=ROOT / "config"))
    # {SHA} of "secret" for Apache, which takes no plain text.
    secret = "secret" if WEB == "lighttpd" else "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
    (jobd.directory / "users").write_text(f"ann:{secret}\nboss:{secret}\n")
    yield jobd.start()
    jobd.discard()


def owner_on_a_socket(port, headers):
    """Whom the service takes the caller of a WebSocket for: the owner of the job that he makes there."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "jobs.create", "params": {}}
    names = [line.split(": ", 1) for line in headers.decode().splitlines()]
    with connect(f"ws://127.0.0.1:{port}/api/jobd/socket", subprotocols=["jobd.1"], additional_headers=names) as connection:
        connection.send(json.dumps(call))
        return json.loads(connection.recv(timeout=PATIENCE))["result"]["job"]["owner"]


def test_a_name_that_was_checked_is_believed_and_no_other(known):
    def ask(path, headers):
        return talk(known.port, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + b"\r\n")

    forged = [HEADERS[name] for name in ("nothing", "dashes", "underscores", "as others say it", "with what is put before", "twice", "users", "addresses")]
    for more in forged:
        for name in ("ann", "boss"):
            headers = more + basic(name, "secret")
            assert sessions(ask(b"/api/jobd/session", headers)) == [{**NOBODY, "owner": name}], more
            assert owner_on_a_socket(known.port, headers) == name, more
        # Here lighttpd takes one of them for an operator.
        assert statuses(ask(b"/api/queues", more + basic("boss", "secret"))) == [403 if WEB == "apache" else 200], more
        for path in (b"/api/jobd/session", b"/api/jobs", b"/api/jobd/socket", b"/api/queues"):
            assert statuses(ask(path, more)) == [401], (path, more)
    # lighttpd takes its time to refuse a wrong one.
    for wrong in (basic("boss", "wrong"), basic("eve", "secret"), b"Authorization: Bearer x\r\n"):
        assert statuses(ask(b"/api/queues", HEADERS["dashes"] + wrong)) == [401], wrong
