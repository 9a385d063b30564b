"""A client of resumable uploads that says exactly what it is told to, one request at a time."""

import base64
import hashlib
import socket

VERSION = {"Tus-Resumable": "1.0.0"}
PIECE = {**VERSION, "Content-Type": "application/offset+octet-stream"}


def metadata(**pairs):
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def checksum(content, algorithm="sha1"):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


class Tus:
    def __init__(self, service, **headers):
        self.service = service
        self.headers = headers

    def request(self, method, path, body=None, headers=None):
        return self.service.request(method, path, body, headers={**self.headers, **(headers or {})})

    def create(self, length=None, body=None, **headers):
        """Headers with underscores in the place of hyphens."""
        given = {**(PIECE if body is not None else VERSION), **{k.replace("_", "-"): v for k, v in headers.items()}}
        if length is not None:
            given["Upload-Length"] = str(length)
        return self.request("POST", "/api/uploads", body, given)

    def begin(self, length=None, **headers):
        """The address of a new upload."""
        answer = self.create(length, **headers)
        assert answer.status == 201, answer
        return answer.headers["location"]

    def head(self, url):
        return self.request("HEAD", url, headers=VERSION)

    def offset(self, url):
        answer = self.head(url)
        assert answer.status == 200, answer
        return int(answer.headers["upload-offset"])

    def patch(self, url, offset, body, **headers):
        given = {**PIECE, "Upload-Offset": str(offset), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.request("PATCH", url, body, given)

    def delete(self, url):
        return self.request("DELETE", url, headers=VERSION)

    def whole(self, content, **headers):
        """The id of a file that came in two pieces."""
        url, middle = self.begin(len(content), **headers), len(content) // 2
        assert self.patch(url, 0, content[:middle]).status == 204
        answer = self.patch(url, middle, content[middle:])
        assert answer.status == 204, answer
        return answer.headers["jobd-file-id"]

    def broken(self, url, offset, announced, sent):
        """A piece of which only the beginning is sent; returns the open connection."""
        connection = socket.create_connection(("127.0.0.1", self.service.port), 60)
        head = [f"PATCH {url} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {announced}", f"Upload-Offset: {offset}"]
        head += [f"{name}: {value}" for name, value in {**PIECE, **self.headers}.items()]
        connection.sendall("\r\n".join(head + ["", ""]).encode() + sent)
        return connection
