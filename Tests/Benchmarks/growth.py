"""The same rates with more connections, with more fronts, and with more jobs."""

import contextlib
import itertools

import crowd
import peers
from load import lines, wrk
from rounds import Figure, Row, take_turns

CONNECTIONS = [1, 8, 64, 512]
FRONTS = [1, 2, 4]
JOBS = [1_000, 100_000, 1_000_000]
FRESH, FULL = 1_000, 350_000


def by_connections(scale):
    def rows(what, measure):
        figures = take_turns(
            {count: lambda count=count: measure(count) for count in CONNECTIONS}, scale)
        return [Row(f"{what}, connections: {count}", "/s", figures[count], "", []) for count in CONNECTIONS]

    def create(count):
        with peers.jobd() as service:
            return lines(service.control, peers.CREATE, '"result":', scale, connections=count)

    with peers.jobd() as service:
        lines(service.control, peers.CREATE, '"result":', scale, count=1000)
        paths = [f"/api/jobs/job-{number:011}" for number in range(1, 1001)]
        return [
            *rows("`jobs.get`", lambda count: lines(
                service.control, peers.GET, '"result":', scale, keys=1000, connections=count)),
            *rows("`jobs.create`", create),
            *rows("`GET /api/jobs/{id}` through nginx", lambda count: wrk(
                service.port, paths, scale, connections=count)),
        ]


def by_fronts(scale):
    def measure(fronts):
        with peers.jobd(fronts=fronts) as service:
            job_id = service.post("/api/jobs", peers.BODY).json["jobId"]
            return wrk(service.port, [f"/api/jobs/{job_id}"], scale, connections=64)

    figures = take_turns({fronts: lambda fronts=fronts: measure(fronts) for fronts in FRONTS}, scale)
    return [
        Row(f"`GET /api/jobs/{{id}}` through nginx, 64 connections, fronts: {fronts}", "/s", figures[fronts], "", [])
        for fronts in FRONTS]


def by_jobs(scale):
    rows = []
    for count in [scale.of(count) for count in JOBS]:
        found = crowd.measure(scale, waiting=count)
        what = f"{count:,} waiting jobs"
        rows += [
            Row(f"`jobs.get`, {what}", "/s", [found.get], "", []),
            Row(f"`jobs.create`, {what}", "/s", [found.create], "", []),
            Row(f"a page of 50, {what}", "ms", [Figure(found.page.p50)], "", []),
            Row(f"start, {what}", "s", [Figure(found.start)], "", []),
            Row(f"memory after a start, {what}", "MiB", [Figure(found.resident)], "", []),
        ]
    return rows


def beside_a_fresh_one(scale):
    """Both daemons live at the same time and take turns, so that what disturbs one disturbs the other."""
    sockets, prefixes = {}, itertools.count()
    with contextlib.ExitStack() as stack:
        for count in (FRESH, FULL):
            place = stack.enter_context(peers.directory())
            (place / "jobd.toml").write_text(crowd.CONFIGURATION)
            stack.enter_context(peers.part("serve", place))
            sockets[count] = f"{place}/jobd.sock"
            crowd.ask(sockets[count], "queues.pause", name="held")
            crowd.fill(sockets[count], crowd.HELD, scale.of(count), scale)
        gets = take_turns({
            count: lambda socket=socket: lines(socket, peers.GET, '"result":', scale, keys=scale.of(FRESH))
            for count, socket in sockets.items()}, scale)
        creates = take_turns({
            count: lambda socket=socket: lines(
                socket, peers.create(f"more{next(prefixes)}"), '"result":', scale)
            for count, socket in sockets.items()}, scale)
    return [
        Row(f"`{method}`, {FULL:,} jobs", "/s", figures[FULL], f"{FRESH:,} jobs", figures[FRESH], "≥ 0.97")
        for method, figures in (("jobs.get", gets), ("jobs.create", creates))]


def run(scale):
    return [*by_connections(scale), *by_fronts(scale), *by_jobs(scale), *beside_a_fresh_one(scale)]
