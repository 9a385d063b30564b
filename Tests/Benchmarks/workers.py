"""Workers elsewhere: claims of up to 32 jobs and a word for the end of each, everything on disk, beside other queues' workers."""

import json
import multiprocessing
import socket
import subprocess
import time

import load
import peers
from load import PAYLOAD
from rounds import Figure, Row, take_turns

JOBS, PEER_JOBS = 100_000, 20_000
# Of those that do some hundred a second.
FEW_JOBS = 1_000
# Seconds that one of them may take.
PATIENCE = 300
WORKERS, CLAIMED = 16, 32
CONFIGURATION = f"""
[queues.default]
width = {WORKERS * CLAIMED}
[pipelines.elsewhere]
work = "workers"
"""
CREATE = peers.CREATE.replace('"jobType":"benchmark"', '"jobType":"elsewhere","fileIds":[]')
COMPLETE = b'{"jsonrpc":"2.0","id":2,"method":"work.complete","params":{"jobId":"%s","token":"%s"}}\n'
JOB = b'{"job":{"jobId":"'
CLAIM = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "work.claim", "params": {"queues": ["default"], "count": CLAIMED}})


def together(work, path, count):
    """Jobs a second, with all workers in as many processes as there are cores."""
    began = time.monotonic()
    groups = [multiprocessing.Process(target=turns, args=(work, path, WORKERS // 2)) for _ in range(2)]
    for group in groups:
        group.start()
    for group in groups:
        group.join()
        if group.exitcode:
            raise RuntimeError("a worker failed")
    return Figure(count / (time.monotonic() - began))


def turns(work, path, count):
    """Several connections in one process, each a generator that gives its socket when it waits for an answer."""
    import selectors
    selector = selectors.DefaultSelector()
    for _ in range(count):
        connection = peers.connection(path)
        worker = work(connection)
        next(worker)
        selector.register(connection, selectors.EVENT_READ, worker)
    while selector.get_map():
        for key, _ in selector.select():
            try:
                key.data.send(key.fileobj.recv(1 << 18))
            except StopIteration:
                selector.unregister(key.fileobj)
                key.fileobj.close()


def leases(text):
    """Each job's id and token. Nothing else of the jobs is read: what that takes in Python is not jobd's."""
    parts = text.split(b'"lease":{"token":"')
    for before, after in zip(parts, parts[1:]):
        begin = before.index(JOB) + len(JOB)
        yield before[begin:before.index(b'"', begin)], after[:after.index(b'"')]


def jobd_worker(connection):
    """Claims, completes all that it was given, and claims again, until there is nothing left."""
    while True:
        connection.sendall(CLAIM.encode() + b"\n")
        text = b""
        while not text.endswith(b"\n"):
            text += yield
        if b'"result":' not in text:
            raise RuntimeError(text[:1000])
        words = [COMPLETE % lease for lease in leases(text)]
        if not words:
            return
        connection.sendall(b"".join(words))
        left, text = len(words), b""
        while left:
            data = yield
            left -= data.count(b"\n")
            text += data
        if b'"error":{"code"' in text:
            raise RuntimeError(text[:1000])


def beanstalkd_worker(connection):
    """The same with its words: it gives one job for each."""
    while True:
        connection.sendall(b"reserve-with-timeout 0\r\n" * CLAIMED)
        ids, text, answers = [], b"", 0
        while answers < CLAIMED:
            text += yield
            while b"\r\n" in text and answers < CLAIMED:
                head, rest = text.split(b"\r\n", 1)
                if head.startswith(b"RESERVED"):
                    _, job, size = head.split()
                    if len(rest) < int(size) + 2:
                        break
                    ids.append(job)
                    rest = rest[int(size) + 2:]
                text, answers = rest, answers + 1
        if not ids:
            return
        connection.sendall(b"".join(b"delete %s\r\n" % job for job in ids))
        left = len(ids)
        while left:
            left -= (yield).count(b"DELETED\r\n")


def jobd(count):
    with peers.jobd(CONFIGURATION) as service, peers.connection(service.control) as control:
        load.lines(service.control, CREATE, '"result":', None, count=count)
        figure = together(jobd_worker, service.control, count)
        if peers.completed(control) != count:
            raise RuntimeError("not every job was completed")
        return figure


def beanstalkd(count):
    with peers.beanstalkd() as path:
        load.lines(path, peers.PUT, "INSERTED ", None, count=count)
        return together(beanstalkd_worker, path, count)


def python(program, count, store, *packages):
    """Workers of packages of PyPI, on a store; what they say of errors is seen."""
    with store as path:
        run = subprocess.run(
            list(map(str, [load.python(*packages), load.HERE / program, path, count, WORKERS, PAYLOAD])),
            check=True, stdout=subprocess.PIPE, timeout=PATIENCE)
        answer = json.loads(run.stdout.splitlines()[-1])
        if answer["errors"]:
            raise RuntimeError(f"the workers of {packages[0]} failed")
        return Figure(count / (answer["seconds"] - answer["added"]))


# What each is called in the table, and how it is measured.
PEERS = {
    "beanstalkd `reserve`, `delete`, `-b -f0`": lambda scale: beanstalkd(scale.of(PEER_JOBS)),
    "BullMQ for Python, AOF every second": lambda scale: python(
        "bull.py", scale.of(PEER_JOBS // 4), peers.redis(fsync="everysec"), "bullmq"),
}
# Only when the whole table is made: they install much.
SLOW_PEERS = {
    "Celery, `acks_late`, Redis with `appendfsync always`": lambda scale: python(
        "work_celery.py", scale.of(FEW_JOBS), peers.redis(), "celery[redis]"),
    "procrastinate, PostgreSQL as it is": lambda scale: python(
        "work_procrastinate.py", scale.of(FEW_JOBS), peers.postgresql(), "procrastinate", "psycopg[binary]"),
}


def run(scale):
    others = PEERS if scale.part < 1 else {**PEERS, **SLOW_PEERS}
    figures = take_turns({
        "jobd": lambda: jobd(scale.of(JOBS)),
        **{name: lambda measure=measure: measure(scale) for name, measure in others.items()},
    }, scale)
    what = "jobs claimed and completed by 16 workers, on disk before each answer"
    return [Row(what, "/s", figures["jobd"], name, figures[name], "≥ 10,000 /s") for name in others]
