"""Other job systems beside jobd, each as it is and as its documentation makes it durable: how fast, what of its acknowledged
jobs is gone after its broker was killed, and how long a job of a killed worker waits for another one."""

import contextlib
import dataclasses
import sys

import brokers
import load
import peers
from rounds import Facts
from trial import Trial

JOBS, KILLED_AFTER = 2_000, 500
# Seconds for which the job of a killed worker is waited for.
PATIENCE = 120


@dataclasses.dataclass(frozen=True)
class System:
    name: str
    setting: str
    broker: object
    module: str
    packages: tuple = ()
    is_durable: bool = False

    @property
    def title(self):
        return f"{self.name} {load.version(*self.packages)}" if self.packages else self.name


HEAD = [
    "system", "setting", "acknowledged, 1 client", "begun by its worker", "lost of those acknowledged, broker killed",
    "a killed worker's job waits"]
AOF = ("--appendonly", "yes", "--appendfsync", "always")
LIBRARY = ("-q", "libsqlite3", "--libsqlite3-db", "{place}/jobs.db")


def on_redis(name, *packages):
    module = name.lower()
    return [
        System(name, "Redis as it is", brokers.redis(), module, packages),
        System(name, "Redis, `appendfsync always`", brokers.redis(*AOF), module, packages, is_durable=True)]


def on_rabbitmq(name, package):
    return [
        System(name, "RabbitMQ as it is", brokers.rabbitmq, name.lower(), (package,)),
        System(name, "RabbitMQ, confirms, quorum queues", brokers.rabbitmq, name.lower(), (package,), is_durable=True)]


SYSTEMS = [
    System("jobd", "as it is", brokers.jobd, "jobd"),
    System("beanstalkd", "as it is", brokers.beanstalkd(), "beanstalkd"),
    System("beanstalkd", "`-b -f0`", brokers.beanstalkd("-f0"), "beanstalkd"),
    System("gearmand", "as it is", brokers.gearmand(), "gearman"),
    System("gearmand", "libsqlite3", brokers.gearmand(*LIBRARY), "gearman"),
    *on_redis("BullMQ", "bullmq"),
    *on_redis("Celery", "celery[redis]"),
    *on_redis("RQ", "rq"),
    *on_redis("Dramatiq", "dramatiq[redis,rabbitmq]"),
    *on_redis("Huey", "huey", "redis"),
    *on_redis("arq", "arq"),
    *on_rabbitmq("Dramatiq", "dramatiq[redis,rabbitmq]"),
    *on_rabbitmq("Celery", "celery[redis]"),
    System(
        "procrastinate", "PostgreSQL as it is", brokers.postgresql, "procrastinate", ("procrastinate", "psycopg[binary]")),
    System("PgQueuer", "PostgreSQL as it is", brokers.postgresql, "pgqueuer", ("pgqueuer[asyncpg]",)),
]


@contextlib.contextmanager
def trial(system):
    with peers.directory() as place, Trial(system, place) as attempt:
        yield attempt


def run(scale):
    count, patience = max(20, scale.of(JOBS)), PATIENCE if scale.part == 1 else 2
    rows = []
    for system in SYSTEMS:
        print(f"  {system.name}, {system.setting}", file=sys.stderr, flush=True)
        with trial(system) as attempt:
            acknowledged, begun = attempt.speed(count)
        with trial(system) as attempt:
            lost = attempt.lost(max(20, scale.of(KILLED_AFTER)))
        with trial(system) as attempt:
            waited = attempt.wait(patience)
        rows.append(Facts(HEAD, [
            system.title, system.setting, f"{acknowledged:,.0f} /s", f"{begun:,.0f} /s", lost,
            f"{waited:.1f} s" if waited is not None else f"> {patience} s"]))
    return rows
