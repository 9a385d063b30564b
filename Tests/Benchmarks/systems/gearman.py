"""gearmand, in the packets of its protocol."""

import contextlib
import json
import os
import socket
import struct

from systems.job import do

CAN_DO, GRAB_JOB, WORK_COMPLETE, SUBMIT_JOB_BACKGROUND, PRE_SLEEP = 1, 9, 13, 18, 4
NOOP, JOB_CREATED, NO_JOB, JOB_ASSIGN = 6, 8, 10, 11


class Connection:
    def __init__(self):
        host, port = os.environ["ADDRESS"].split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.socket.makefile("rb")

    def send(self, kind, *words):
        body = b"\0".join(words)
        self.socket.sendall(struct.pack(">4sII", b"\0REQ", kind, len(body)) + body)

    def receive(self):
        _, kind, size = struct.unpack(">4sII", self.answers.read(12))
        return kind, self.answers.read(size)


@contextlib.asynccontextmanager
async def producer():
    connection = Connection()

    async def put(key, seconds):
        # A job without a key of its own would be the same as another one.
        connection.send(SUBMIT_JOB_BACKGROUND, b"do", key.encode(), json.dumps([key, seconds]).encode())
        assert connection.receive()[0] == JOB_CREATED

    yield put


def work():
    connection = Connection()
    connection.send(CAN_DO, b"do")
    while True:
        connection.send(GRAB_JOB)
        kind, body = connection.receive()
        if kind == JOB_ASSIGN:
            handle, _, words = body.split(b"\0", 2)
            do(*json.loads(words))
            connection.send(WORK_COMPLETE, handle, b"")
        elif kind == NO_JOB:
            connection.send(PRE_SLEEP)
            connection.receive()
