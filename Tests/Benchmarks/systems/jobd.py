"""jobd over its socket: one line for each job, and a claim of many."""

import contextlib
import json
import os
import socket

from systems.job import WORKERS, do


class Connection:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.environ["ADDRESS"])
        self.answers = self.socket.makefile("rb")

    def call(self, *calls):
        """The results of several calls that are under way together."""
        self.socket.sendall(b"".join(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n"
            for method, params in calls))
        return [json.loads(self.answers.readline())["result"] for _ in calls]


@contextlib.asynccontextmanager
async def producer():
    connection = Connection()

    async def put(key, seconds):
        connection.call(("jobs.create", {
            "jobType": "elsewhere", "fileIds": [], "metadata": {"key": key, "seconds": seconds}}))

    yield put


def work():
    connection = Connection()
    while True:
        [claimed] = connection.call(("work.claim", {"queues": ["default"], "count": WORKERS, "waitSeconds": 30}))
        ends = []
        for given in claimed["jobs"]:
            job, lease = given["job"], given["lease"]
            do(job["metadata"]["key"], job["metadata"]["seconds"])
            ends.append(("work.complete", {"jobId": job["jobId"], "token": lease["token"]}))
        if ends:
            connection.call(*ends)
