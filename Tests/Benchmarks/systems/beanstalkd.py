"""beanstalkd, in its own words."""

import contextlib
import json
import os
import socket

from systems.job import do


def connect():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.environ["ADDRESS"])
    return connection, connection.makefile("rb")


@contextlib.asynccontextmanager
async def producer():
    connection, answers = connect()

    async def put(key, seconds):
        body = json.dumps([key, seconds]).encode()
        # May run for as long as a default of its clients says: two minutes.
        connection.sendall(b"put 0 0 120 %d\r\n%s\r\n" % (len(body), body))
        assert answers.readline().startswith(b"INSERTED")

    yield put


def work():
    connection, answers = connect()
    while True:
        connection.sendall(b"reserve\r\n")
        _, job, size = answers.readline().split()
        body = answers.read(int(size) + 2)
        do(*json.loads(body))
        connection.sendall(b"delete %s\r\n" % job)
        assert answers.readline() == b"DELETED\r\n"
