"""The clients: wrk for HTTP, lines.c for everything that speaks in lines, and the compiler of the programs in C."""

import contextlib
import functools
import json
import pathlib
import subprocess
import sys
import tempfile

from rounds import Figure

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / ".build/benchmarks"

# 200 bytes of JSON: what every subject keeps, by whatever name.
PAYLOAD = json.dumps(
    {"contractId": "c_123", "customer": "Example Ltd", "pages": 10, "note": ""}, separators=(",", ":"))
PAYLOAD = PAYLOAD.replace('"note":""', f'"note":"{"x" * (200 - len(PAYLOAD))}"')


@functools.cache
def program(name, *libraries, shared=False):
    """The path of a program in C from this folder, or of a shared library, built when it is not up to date."""
    BUILD.mkdir(parents=True, exist_ok=True)
    source, built = HERE / f"{name}.c", BUILD / (f"{name}.so" if shared else name)
    newest = max(path.stat().st_mtime for path in (source, *HERE.glob("*.h")))
    if not built.exists() or built.stat().st_mtime < newest:
        subprocess.run(
            ["cc", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-o", built, source,
             *(["-shared", "-fPIC"] if shared else []), *(f"-l{library}" for library in libraries), "-lpthread"],
            check=True)
    return built


@functools.cache
def python(*packages):
    """An interpreter that has these packages of PyPI; the first one names its folder."""
    place = BUILD / packages[0].split("[")[0]
    if not (place / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        subprocess.run([place / "bin/pip", "-q", "--disable-pip-version-check", "install", *packages], check=True)
        (place / "installed").touch()
    return place / "bin/python"


def version(*packages):
    """Of the first of these packages, as it is installed."""
    name = packages[0].split("[")[0]
    words = [python(*packages), "-c", f"import importlib.metadata; print(importlib.metadata.version({name!r}))"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def figure(command):
    """What one of these programs measured; what it says of errors is seen, and ends the benchmark."""
    run = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE)
    answer = json.loads(run.stdout.splitlines()[-1])
    if answer["errors"]:
        raise RuntimeError(f"{answer['errors']} of {answer['requests']} requests failed")
    return Figure(answer["requests"] / answer["seconds"], answer["p50"] / 1000, answer["p99"] / 1000, answer["requests"])


def lines(address, request, expected, scale, *, connections=32, pipelined=1, count=0, framing="line", keys=None):
    """Requests a second over a Unix socket or a port of 127.0.0.1; with a count, that many instead of for a time."""
    return figure([
        program("lines"), address, connections, pipelined, 0 if count else scale.seconds, count, framing, expected,
        request, *(["--keys", keys] if keys else [])])


class Feed:
    """Where streams of events come from: how to open one, and how to cause an event on it, as streams.c wants it."""

    def __init__(self, port, subscribe, opened, publish, expected, address=None):
        self.reader = [program("streams"), port]
        self.subscribe = [subscribe.replace("\n", r"\r\n"), opened]
        self.publisher = [address or port, publish.replace("\n", r"\r\n"), expected]

    def measure(self, *, streams, channels=1, events, rate=0):
        """How long after its cause an event is there, and arrivals a second."""
        return figure([*self.reader, streams, channels, *self.subscribe, events, rate, *self.publisher])

    @contextlib.contextmanager
    def hold(self, streams, channels=1):
        """Open while the body runs."""
        command = [*self.reader, streams, channels, *self.subscribe]
        with subprocess.Popen(
                list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
            if reader.stdout.readline() != "open\n":
                raise RuntimeError("not all streams could be opened")
            yield
            reader.stdin.close()


def commits(database, scale):
    """Single durable commits a second into a database of jobd's."""
    return figure([program("commits", "sqlite3"), database, scale.seconds])


def wrk(port, paths, scale, *, connections=32, method="GET", body=None, headers=None):
    """Requests a second over HTTP; the paths are taken in turn."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        words = {**({"Content-Type": "application/json"} if body else {}), **(headers or {})}
        table = "".join(f"[{json.dumps(name)}] = {json.dumps(value)}, " for name, value in words.items())
        script.write(LUA % (
            json.dumps(method), f"[==[{body}]==]" if body else "nil", json.dumps("\n".join(paths)), table))
        script.flush()
        return figure([
            "wrk", "-t", 1, "-c", connections, "--timeout", "60s", "-d", f"{max(1, round(scale.seconds))}s", "-s", script.name,
            f"http://127.0.0.1:{port}"])


LUA = """
local method, body, paths, headers = %s, %s, %s, { %s }
local requests, last = {}, 0
function init()
    for path in paths:gmatch("[^\\n]+") do requests[#requests + 1] = wrk.format(method, path, headers, body) end
end
function request()
    last = last %% #requests + 1
    return requests[last]
end
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %%d, "seconds": %%f, "p50": %%f, "p99": %%f, "errors": %%d}\\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
