"""Who sends server-sent events, always through the same nginx; the events are jobd's own."""

import contextlib
import http.client

import peers
import sites
from load import PAYLOAD, Feed, lines
from rounds import Scale

# The id of a channel's job, and an event's number.
JOB, EVENT = "job-{m........}", "event-{n.....}"
MESSAGE = f'{{"message":"{EVENT}"}}'
STREAM = f"GET /api/jobs/{JOB}/stream HTTP/1.1\nHost: localhost\nAccept: text/event-stream\n\n"


def request(method, path, body):
    return (
        f"{method} {path} HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: {len(body)}\n\n{body}")


@contextlib.contextmanager
def jobd(channels=1, fronts=2):
    """With a job for each channel, which its application runs."""
    with peers.jobd(fronts=fronts) as service:
        lines(service.control, peers.CREATE, '"result":', Scale(), count=channels)
        feed = Feed(service.port, STREAM, "data: ", request("PATCH", f"/api/jobs/{JOB}", MESSAGE), "HTTP/1.1 200")
        feed.service = service
        yield feed


def frame(text):
    """A client's, whose mask changes nothing; for a text of less than 126 bytes."""
    return rf"\x81\x{0x80 | len(text):02x}\x00\x00\x00\x00{text}"


SOCKET = (
    "GET /api/jobd/socket HTTP/1.1\nHost: localhost\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: jobd.1\n\n"
    + frame(f'{{"jsonrpc":"2.0","id":1,"method":"jobs.watch","params":{{"jobIds":["{JOB}"]}}}}'))


@contextlib.contextmanager
def websockets(channels=1, fronts=2):
    """The same jobs, each followed on a WebSocket."""
    with jobd(channels, fronts) as feed:
        feed.subscribe = [SOCKET.replace("\n", r"\r\n"), '"watch":1,"jobs":[{']
        yield feed


# What jobd shows of such a job.
STATE = (
    '{"jobId":"job-00000000001","jobType":"benchmark","status":"pending","progress":0,"step":null,"message":"' + EVENT
    + '","queue":"default","priority":0,"attempt":0,"crashes":0,"maxAttempts":1,"runner":null,"version":1,'
    '"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","startedAt":null,"finishedAt":null,'
    '"runAt":null,"cancelRequestedAt":null,"files":[],"metadata":' + PAYLOAD
    + ',"result":null,"error":null,"artifacts":[]}')


@contextlib.contextmanager
def nchan():
    with sites.nchan() as port:
        stream = "GET /stream?id={m........} HTTP/1.1\nHost: localhost\nAccept: text/event-stream\n\n"
        yield Feed(port, stream, "HTTP/1.1 200", request("POST", "/publish?id={m........}", STATE), "HTTP/1.1 20")


@contextlib.contextmanager
def node():
    with sites.node() as port:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as client:
            client.request("PATCH", "/api/jobs/job-00000000001", STATE.replace(EVENT, ""))
            assert client.getresponse().status == 200
        yield Feed(port, STREAM, "data: ", request("PATCH", f"/api/jobs/{JOB}", MESSAGE), "HTTP/1.1 200")
