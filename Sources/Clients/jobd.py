"""A client of jobd, in one file and without dependencies, for Python 3.9 and later.

    from jobd import Client

    jobd = Client()                                   # the control socket, /run/jobd/jobd.sock
    jobd = Client("https://example.org", token="…")   # HTTP
    jobd = Client("wss://example.org", token="…")     # the WebSocket of the same site

    file = jobd.upload("contract.pdf")
    job = jobd.create(fileIds=[file["fileId"]])
    for state in jobd.follow(job["jobId"]):           # goes on through restarts of the daemon
        print(state["status"], state["progress"], state["message"])

A worker runs the jobs of pipelines with `work = "workers"`:

    def encode(run):
        run.report(progress=10, message="Encoding")
        path = run.fetch(run.job["files"][0], "/tmp/input")
        run.artifact("clip.webm", path, "video/webm")
        return {"seconds": 12}                        # the job's result

    jobd.work(["video"], encode, places=4)            # until SIGTERM or SIGINT

What `run` raises fails the job: `Failure` with a code and a sentence of your own, any other exception with the code
`exception`. This file is a program, too: `python3 jobd.py video` runs jobs that only wait, `--help` says more.
"""
# SPDX-License-Identifier: Apache-2.0

import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import sys
import threading
import time
import traceback
import urllib.parse

CHUNK = 512 * 1024


class Refused(Exception):
    """jobd refuses a request: `code` for programs, the text for people, `data` what belongs to the code."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code, self.data = code, data or {}


class Unreachable(Exception):
    """jobd cannot be reached, or the connection broke: whether it did what was asked is not known."""


def _is_away(error):
    """Whether the same may go well a little later."""
    return isinstance(error, Unreachable) or error.code in ("unavailable", "too-many-requests")


class Failure(Exception):
    """Raised by a worker's function to fail its job."""

    def __init__(self, code, message, may_retry=True, retry_after=None, **more):
        super().__init__(message)
        self.error = {"code": code, "message": message, **more}
        self.may_retry, self.retry_after = may_retry, retry_after


class _Lines:
    """The connection to the control socket: a message is a line."""

    def __init__(self, path):
        self.socket, self.sending = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), threading.Lock()
        try:
            self.socket.connect(path)
        except OSError as error:
            self.socket.close()
            raise Unreachable(f"{path}: {error}") from error

    def send(self, text):
        with self.sending:
            self.socket.sendall(text.encode() + b"\n")

    def messages(self):
        with self.socket.makefile("rb") as lines:
            yield from lines

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class _Frames:
    """The connection to a WebSocket (RFC 6455): a message is a text frame."""

    TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

    def __init__(self, site):
        key = base64.b64encode(os.urandom(16)).decode()
        accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        headers = {**site.headers, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": key,
                   "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "jobd.1"}
        # A ping comes every 15 seconds.
        self.connection = site.connection(timeout=60)
        try:
            self.connection.request("GET", site.path("/api/jobd/socket"), headers=headers)
            self.response = self.connection.getresponse()
            if self.response.status != 101:
                raise _refusal(self.response, self.response.read())
            if self.response.headers["Sec-WebSocket-Accept"] != base64.b64encode(accept).decode():
                raise Unreachable("this is not a WebSocket")
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Unreachable(str(error)) from error
        except (Refused, Unreachable):
            self.connection.close()
            raise
        self.socket, self.sending = self.connection.sock, threading.Lock()

    def send(self, text):
        self._send(self.TEXT, text.encode())

    def _send(self, opcode, payload):
        size, mask = len(payload), os.urandom(4)
        head = bytes([0x80 | opcode, 0x80 | (size if size < 126 else 126 if size < 65_536 else 127)])
        if size >= 126:
            head += size.to_bytes(2 if size < 65_536 else 8, "big")
        pattern = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")).to_bytes(size, "big")
        with self.sending:
            self.socket.sendall(head + mask + masked)

    def messages(self):
        parts = []
        while True:
            first, length = self._read(2)
            if length > 125:
                length = int.from_bytes(self._read(2 if length == 126 else 8), "big")
            payload, opcode = self._read(length), first & 0x0F
            if opcode == self.CLOSE:
                self._send(self.CLOSE, payload)
                return
            if opcode == self.PING:
                self._send(self.PONG, payload)
            elif opcode != self.PONG:
                parts.append(payload)
                if first & 0x80:
                    yield b"".join(parts)
                    parts = []

    def _read(self, count):
        data = self.response.fp.read(count)
        if len(data) < count:
            raise OSError("the connection ended")
        return data

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()


class _Watch:
    """What is new of one job: the newest state that nobody has taken."""

    def __init__(self):
        self.changed, self.job, self.is_over = threading.Condition(), None, False

    def tell(self, job):
        with self.changed:
            self.job = job
            self.changed.notify_all()

    def end(self):
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def states(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.job or self.is_over)
                job, self.job = self.job, None
            if job is None:
                return
            yield job


class _RPC:
    """JSON-RPC: any thread may call, calls do not wait for each other, and a watch says what changes.

    It connects when it has something to say.
    """

    lease_seconds = None
    """Of a lease of which no time is said; None is as long as the connection."""

    def __init__(self, connect):
        self.connect, self.lock, self.connection = connect, threading.Lock(), None
        self.waiting, self.watches, self.last = {}, {}, 0
        self.number = 0
        """Counts connections: leases without a time belong to one."""

    def call(self, method, params, timeout=60, watch=None):
        """`watch` is told what changes from the reply on."""
        with self.lock:
            if self.connection is None:
                self._connect()
            self.last += 1
            number, connection = self.last, self.connection
            answer = self.waiting[number] = {"ready": threading.Event(), "reply": None, "watch": watch}
        text = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        try:
            connection.send(text)
        except OSError as error:
            self._lost(connection)
            raise Unreachable(str(error)) from error
        if not answer["ready"].wait(timeout):
            self._lost(connection)
        with self.lock:
            self.waiting.pop(number, None)
        if answer["reply"] is None:
            raise Unreachable("the connection to jobd broke")
        return _result(answer["reply"])

    def watch(self, job_id, since):
        """The states of a job above a version, until the connection breaks or the job is gone; those that are old are skipped."""
        watch = _Watch()
        number = self.call("jobs.watch", {"jobIds": [job_id], "since": {job_id: since}}, watch=watch)["watch"]
        try:
            yield from watch.states()
        finally:
            with self.lock:
                is_on = self.watches.get(number) is watch
                if is_on:
                    del self.watches[number]
            if is_on:
                try:
                    self.call("jobs.unwatch", {"watch": number})
                except (Refused, Unreachable):
                    pass

    def _connect(self):
        self.connection = self.connect()
        self.number += 1
        threading.Thread(target=self._read, args=(self.connection,), daemon=True).start()

    def _read(self, connection):
        try:
            for text in connection.messages():
                self._take(json.loads(text))
        except (OSError, ValueError):
            pass
        finally:
            self._lost(connection)

    def _take(self, message):
        with self.lock:
            if "method" in message:
                watch = self.watches.get(message["params"].get("watch"))
            else:
                answer = self.waiting.get(message.get("id"))
                watch = answer and "result" in message and answer["watch"]
                if watch:
                    self.watches[message["result"]["watch"]] = watch
        if "method" not in message:
            for job in message["result"]["jobs"] if watch else ():
                watch.tell(job)
            if answer:
                answer["reply"] = message
                answer["ready"].set()
        elif watch and message["method"] == "jobs.changed":
            watch.tell(message["params"]["job"])
        elif watch:
            # Whatever else is said of a watch (its job is gone, it has missed something) ends it.
            watch.end()

    def _lost(self, connection):
        with self.lock:
            if self.connection is not connection:
                return
            self.connection = None
            waiting, self.waiting = self.waiting, {}
            watches, self.watches = self.watches, {}
        connection.close()
        for answer in waiting.values():
            answer["ready"].set()
        for watch in watches.values():
            watch.end()

    def close(self):
        connection = self.connection
        if connection:
            self._lost(connection)


class _Socket(_RPC):
    """The control socket."""

    def __init__(self, path):
        super().__init__(lambda: _Lines(path))

    def upload(self, file, name, media_type=None, lease=None):
        kind, begin = ("artifacts", {**lease, "name": name}) if lease else ("files", {"name": name})
        if lease and media_type:
            begin["mediaType"] = media_type
        upload = self.call(kind + ".begin", begin)["fileId"]
        digest = hashlib.sha256()
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
            data = base64.b64encode(chunk).decode()
            self.call(kind + ".append", {"fileId": upload, "data": data})
        return self.call(kind + ".commit", {"fileId": upload, "sha256": digest.hexdigest()}, timeout=600)

    def fetch(self, lease, file):
        self.call("work.input", {**lease, "fileId": file["fileId"]})
        offset = 0
        while offset < file["size"]:
            part = self.call("files.read", {"fileId": file["fileId"], "offset": offset, "limit": CHUNK})
            data = base64.b64decode(part["data"])
            if not data:
                raise Unreachable("the file ended early")
            offset += len(data)
            yield data


def _result(reply):
    if "error" in reply:
        data = reply["error"].get("data") or {}
        raise Refused(data.get("code", "internal"), reply["error"].get("message", ""), data)
    return reply["result"]


def _refusal(response, body):
    """What an answer that is not good says, be it from jobd or from a server before it."""
    try:
        problem = json.loads(body)
        return Refused(problem["code"], problem.get("detail", response.reason), problem)
    except (ValueError, TypeError, KeyError):
        return Refused("internal", f"The server answered {response.status} {response.reason}.")


class _HTTP:
    """The HTTP API; a connection for each request."""

    lease_seconds, number = 60, 0
    _routes = {
        "jobs.create": ("POST", "/api/jobs"), "jobs.process": ("POST", "/api/file-manager/process"),
        "jobs.update": ("PATCH", "/api/jobs/{jobId}"), "jobs.cancel": ("POST", "/api/jobs/{jobId}/cancel"),
        "jobs.retry": ("POST", "/api/jobs/{jobId}/retry"), "jobs.delete": ("DELETE", "/api/jobs/{jobId}"),
        "jobs.get": ("GET", "/api/jobs/{jobId}"), "jobs.list": ("GET", "/api/jobs"),
        "jobs.logs": ("GET", "/api/jobs/{jobId}/logs"), "files.get": ("GET", "/api/files/{fileId}"),
        "files.delete": ("DELETE", "/api/files/{fileId}"), "queues.list": ("GET", "/api/queues"),
    }

    def __init__(self, url, token=None, headers=None):
        self.url = urllib.parse.urlsplit(url)
        self.headers = dict(headers or {})
        if token:
            self.headers["Authorization"] = "Bearer " + token

    def call(self, method, params, timeout=60):
        if method.startswith("work."):
            route = ("POST", "/api/jobd/work/" + method[5:])
        else:
            route = self._routes[method]
        params, path = dict(params), route[1]
        for name in ("jobId", "fileId"):
            if "{" + name + "}" in path:
                path = path.replace("{" + name + "}", urllib.parse.quote(str(params.pop(name)), safe=""))
        if route[0] == "GET":
            if "waitSeconds" in params:
                params["wait"] = params.pop("waitSeconds")
            query = urllib.parse.urlencode({k: v for k, v in params.items() if v is not None})
            body = self.send(route[0], path + ("?" + query if query else ""), timeout=timeout)[1]
        else:
            body = self.send(
                route[0], path, json.dumps(params).encode(), {"Content-Type": "application/json"}, timeout)[1]
        answer = json.loads(body) if body else {}
        return {"job": answer} if method in ("jobs.create", "jobs.process", "jobs.cancel") else answer

    def connection(self, timeout):
        if self.url.scheme != "https":
            return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=timeout, context=context)

    def path(self, path):
        return self.url.path.rstrip("/") + path

    def send(self, verb, path, body=None, headers=None, timeout=60, sink=None):
        connection = self.connection(timeout)
        try:
            connection.request(verb, self.path(path), body, {**self.headers, **(headers or {})})
            response = connection.getresponse()
            if sink and response.status < 300:
                for chunk in iter(lambda: response.read(CHUNK), b""):
                    sink(chunk)
                return response.status, b""
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(str(error)) from error
        finally:
            connection.close()
        if response.status < 400:
            return response.status, body
        raise _refusal(response, body)

    def close(self):
        pass

    def upload(self, file, name, media_type=None, lease=None):
        headers = {"Content-Type": media_type or "application/octet-stream"}
        try:
            body, size = file, os.fstat(file.fileno()).st_size
        except (AttributeError, OSError):
            body = file.read()
            size = len(body)
        headers["Content-Length"] = str(size)
        if lease:
            headers["Lease-Token"] = lease["token"]
            if not media_type:
                del headers["Content-Type"]
            path = f"/api/jobd/work/{urllib.parse.quote(lease['jobId'], safe='')}/artifacts/{urllib.parse.quote(name)}"
            return json.loads(self.send("PUT", path, body, headers, timeout=600)[1])
        return json.loads(
            self.send("POST", "/api/files?name=" + urllib.parse.quote(name, safe=""), body, headers, timeout=600)[1])

    def fetch(self, lease, file):
        path = f"/api/jobd/work/{urllib.parse.quote(lease['jobId'], safe='')}/files/{file['fileId']}"
        chunks = []
        self.send("GET", path, headers={"Lease-Token": lease["token"]}, timeout=600, sink=chunks.append)
        return chunks


class _WebSocket(_RPC):
    """The WebSocket of a site; files go over HTTP."""

    lease_seconds = 60

    def __init__(self, url, token, headers):
        site = _HTTP("http" + url[2:], token, headers)
        super().__init__(lambda: _Frames(site))
        self.upload, self.fetch = site.upload, site.fetch


class Client:
    """jobd, by its control socket or by the address of its site. Any thread may use it."""

    def __init__(self, at=None, token=None, headers=None, patience=60):
        """`patience`: for how many seconds a request that may be repeated is tried while jobd is away."""
        self.at = at = at or os.environ.get("JOBD_SOCKET") or "/run/jobd/jobd.sock"
        if at.startswith(("ws://", "wss://")):
            self.transport = _WebSocket(at, token, headers)
        elif at.startswith(("http://", "https://")):
            self.transport = _HTTP(at, token, headers)
        else:
            self.transport = _Socket(at)
        self.patience = patience

    def call(self, method, params=None, timeout=60, repeat=False):
        """One request; with `repeat` it is sent again while jobd is away, which must be safe."""
        end, pause = time.monotonic() + self.patience, 0.05
        while True:
            try:
                return self.transport.call(method, params or {}, timeout)
            except (Unreachable, Refused) as error:
                if not (repeat and _is_away(error)) or time.monotonic() > end:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, 1)

    def close(self):
        self.transport.close()

    # Jobs.

    def create(self, **fields):
        """Makes a job, and is answered with the one that has its `jobId`; see the reference for the fields."""
        return self.call("jobs.create", fields, repeat="jobId" in fields and "onConflict" not in fields)["job"]

    def process(self, job_id, file_ids, **fields):
        return self.call("jobs.process", {"jobId": job_id, "fileIds": file_ids, **fields}, repeat=True)["job"]

    def get(self, job_id, **fields):
        return self.call("jobs.get", {"jobId": job_id, **fields}, repeat=True)

    def update(self, job_id, **fields):
        """Reports on a job that the application runs itself."""
        return self.call("jobs.update", {"jobId": job_id, **fields})

    def cancel(self, job_id, reason=None):
        return self.call("jobs.cancel", {"jobId": job_id, **({"reason": reason} if reason else {})}, repeat=True)["job"]

    def retry(self, job_id):
        return self.call("jobs.retry", {"jobId": job_id})

    def delete(self, job_id):
        self.call("jobs.delete", {"jobId": job_id})

    def list(self, **query):
        """Jobs, newest first, page after page."""
        while True:
            page = self.call("jobs.list", query, repeat=True)
            yield from page["jobs"]
            if not page["nextCursor"]:
                return
            query["cursor"] = page["nextCursor"]

    def upload(self, path, name=None):
        """Stores a file, given by its path or as an open binary file, and describes it."""
        if hasattr(path, "read"):
            return self.transport.upload(path, name or "file")
        with open(path, "rb") as file:
            return self.transport.upload(file, name or os.path.basename(path))

    def follow(self, job_id):
        """The states of a job, until it has ended; goes on when jobd was away, and leaves none out that is final."""
        since = 0
        while True:
            try:
                for job in self._states(job_id, since):
                    if job["version"] > since:
                        since = job["version"]
                        yield job
                    if job["status"] in ("completed", "failed", "cancelled"):
                        return
            except (Refused, Unreachable) as error:
                if not _is_away(error):
                    raise
                time.sleep(0.2)

    def _states(self, job_id, since):
        """Of a job: the present state, or the next one where nothing can be watched; then each, until the connection breaks."""
        watch = getattr(self.transport, "watch", None)
        job = self.get(job_id, since=since, waitSeconds=0 if watch and since else 25)
        yield job
        if watch:
            yield from watch(job_id, job["version"])

    def wait(self, job_id):
        """The job as it ended."""
        for job in self.follow(job_id):
            pass
        return job

    # Work.

    def work(self, queues, run, job_types=None, places=1, lease_seconds=None, worker=None, stop=None):
        """Runs jobs until `stop` (a threading.Event) is set, by default at SIGTERM or SIGINT; see `Worker`."""
        stop = stop or _stop_at_signals()
        Worker(self, queues, run, job_types, places, lease_seconds, worker).loop(stop)


def _stop_at_signals():
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    return stop


class Run:
    """A run of a job, which a worker's function gets."""

    def __init__(self, worker, job, token):
        self.worker, self.job = worker, job
        self.lease = {"jobId": job["jobId"], "token": token}
        self.cancelled = threading.Event()
        """Set when the job is to be cancelled, or the worker is to stop: end soon, whatever you return."""
        self.lost = False
        """Whether somebody else has the job now: nothing that is said of it counts any more."""

    def report(self, progress=None, step=None, message=None, lines=()):
        """Tells how it goes; `lines` are texts for the job's log."""
        fields = {"progress": progress, "step": step, "message": message}
        params = {**self.lease, **{name: value for name, value in fields.items() if value is not None}}
        if lines:
            params["lines"] = [{"stream": "stdout", "text": text[:2048]} for text in lines][:100]
        self._note(lambda: self.worker.client.call("work.report", params, repeat=not lines))

    def fetch(self, file, path):
        """Writes a file of the job to a path, and returns the path."""
        digest = hashlib.sha256()
        with open(path, "wb") as output:
            for chunk in self.worker.client.transport.fetch(self.lease, file):
                digest.update(chunk)
                output.write(chunk)
        if digest.hexdigest() != file["sha256"]:
            raise Unreachable(f"{file['name']} did not arrive as it was sent")
        return path

    def artifact(self, name, path, media_type=None):
        """Stores what the run made: a path, or bytes."""
        if isinstance(path, bytes):
            import io
            return self.worker.client.transport.upload(io.BytesIO(path), name, media_type, self.lease)
        with open(path, "rb") as file:
            return self.worker.client.transport.upload(file, name, media_type, self.lease)

    def _note(self, call):
        try:
            answer = call()
            if answer.get("cancelRequested"):
                self.cancelled.set()
        except Refused as error:
            if error.code != "lease-lost":
                raise
            self.lost = True
            self.cancelled.set()


class Worker:
    """Claims jobs, runs each in a thread, keeps their leases, and comes back after a lost connection.

    Over the control socket a lease lasts as long as the connection, unless `lease_seconds` is given; otherwise 60 seconds.
    """

    def __init__(self, client, queues, run, job_types=None, places=1, lease_seconds=None, worker=None):
        self.client, self.function, self.places = client, run, places
        self.offer = {"queues": list(queues), "worker": worker or f"{socket.gethostname()} {os.getpid()}"}
        if job_types:
            self.offer["jobTypes"] = list(job_types)
        lease_seconds = lease_seconds or client.transport.lease_seconds
        self.lease_seconds = lease_seconds
        if lease_seconds:
            self.offer["leaseSeconds"] = lease_seconds
        self.runs, self.changed = {}, threading.Condition()

    def loop(self, stop):
        keeper = threading.Thread(target=self._keep, args=(stop,), daemon=True)
        keeper.start()
        is_told = False
        while not stop.is_set():
            with self.changed:
                free = self.places - len(self.runs)
                if free <= 0:
                    self.changed.wait(0.5)
                    continue
            try:
                # Not for long, so that a worker that is to stop does so soon.
                claimed = self.client.transport.call("work.claim", {**self.offer, "count": min(free, 100), "waitSeconds": 0.75})
            except (Refused, Unreachable) as error:
                if not _is_away(error) and error.code != "storage-full":
                    raise
                if not is_told:
                    print(f"jobd: trying again: {error}", file=sys.stderr)
                is_told = True
                stop.wait(0.1 if isinstance(error, Unreachable) else 0.5)
                continue
            is_told = False
            for entry in claimed["jobs"]:
                run = Run(self, entry["job"], entry["lease"]["token"])
                with self.changed:
                    self.runs[run.lease["token"]] = run
                threading.Thread(target=self._run, args=(run, stop), daemon=True).start()
        for run in list(self.runs.values()):
            run.cancelled.set()
        with self.changed:
            self.changed.wait_for(lambda: not self.runs, timeout=30)

    def _run(self, run, stop):
        method, params = "work.complete", dict(run.lease)
        try:
            result = self.function(run)
            if result is not None:
                params["result"] = result
            if stop.is_set() and run.cancelled.is_set() and result is None:
                method = "work.release"
        except Failure as failure:
            method = "work.fail"
            params.update(error=failure.error, mayRetry=failure.may_retry)
            if failure.retry_after is not None:
                params["retryAfterSeconds"] = failure.retry_after
        except Exception as error:  # Whatever a function raises is the job's, and not the worker's.
            method = "work.release" if stop.is_set() else "work.fail"
            if method == "work.fail":
                cause = traceback.format_exc()[-4000:]
                message = (str(error) or type(error).__name__)[:500]
                params["error"] = {"code": "exception", "message": message, "cause": cause}
        try:
            if not run.lost:
                # May be said again: the answer is the same.
                self.client.call(method, params, repeat=True)
        except (Refused, Unreachable) as error:
            print(f"jobd: {run.lease['jobId']}: {error}", file=sys.stderr)
        finally:
            with self.changed:
                self.runs.pop(run.lease["token"], None)
                self.changed.notify_all()

    def _keep(self, stop):
        """Renews leases: those with a time in good time, the others on each new connection."""
        number, pause = self.client.transport.number, min((self.lease_seconds or 9) / 3, 5)
        while True:
            time.sleep(0.2 if self.lease_seconds is None else pause)
            runs = list(self.runs.values())
            if self.lease_seconds is None and self.client.transport.number == number:
                if self.client.transport.connection is not None or not runs:
                    # A report says when the job is to be cancelled; those that say nothing are asked now and then.
                    if int(time.monotonic() * 5) % 10 or not runs:
                        continue
            if not runs:
                number = self.client.transport.number
                continue
            try:
                answer = self.client.transport.call("work.renew", {"leases": [run.lease for run in runs]})
            except (Unreachable, Refused):
                continue
            number = self.client.transport.number
            for run, lease in zip(runs, answer["leases"]):
                if lease.get("code") == "lease-lost":
                    run.lost = run.lease["token"] in self.runs
                if lease.get("code") or lease.get("cancelRequested"):
                    run.cancelled.set()


def main():
    """A worker that waits, as an example: `metadata.seconds` of each job, one second if there is none."""
    import argparse

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("queues", nargs="+", help="the queues")
    parser.add_argument("--at", help="the control socket, or the address of the site")
    parser.add_argument("--token", help="a token with the scope work, for the site")
    parser.add_argument("--places", type=int, default=1, help="jobs at the same time")
    parser.add_argument("--lease", type=int, help="the lease in seconds; over the socket its connection when left out")
    arguments = parser.parse_args()

    def wait(run):
        seconds = float(run.job["metadata"].get("seconds", 1))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not run.cancelled.wait(min(left, 1)):
            run.report(progress=100 * (1 - (end - time.monotonic()) / seconds), message="Waiting")
        return None if run.cancelled.is_set() else {"waited": seconds}

    Client(arguments.at, arguments.token).work(
        arguments.queues, wait, places=arguments.places, lease_seconds=arguments.lease)


if __name__ == "__main__":
    main()
