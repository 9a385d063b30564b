"""What is kept of a run: RESULTS.md, for each kind of processor, and on what machine with which versions it was."""

import datetime
import os
import pathlib
import re
import subprocess

from peers import JOBD
from rounds import table

FILE = pathlib.Path(__file__).resolve().parent / "RESULTS.md"
HEAD = """# Results

What `sh Tests/Benchmarks/run.sh --save` measured last, on each kind of processor. Rates are medians of the rounds; a ratio
is the median of the ratios within each round, jobd's value by the other one. 32 connections and 200 bytes of payload unless
a line says otherwise.
"""

VERSIONS = {
    "jobd": [JOBD, "--version"],
    "nginx": ["nginx", "-v"],
    "Redis": ["redis-server", "--version"],
    "beanstalkd": ["beanstalkd", "-v"],
    "PHP": ["php", "--version"],
    "Node": ["node", "--version"],
    "wrk": ["wrk", "-v"],
    "RabbitMQ": ["dpkg-query", "-W", "rabbitmq-server"],
    "PostgreSQL": ["psql", "--version"],
    "gearmand": ["gearmand", "--version"],
}


def version(command):
    try:
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    except FileNotFoundError:
        return None
    match = re.search(r"\d+\.\d+(\.\d+)?", run.stdout + run.stderr)
    return match.group() if match else None


def processor():
    return re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)


def machine():
    """One line: date, processor, cores, memory, kernel, versions."""
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 1024 ** 2
    versions = ", ".join(f"{name} {found}" for name, command in VERSIONS.items() if (found := version(command)))
    return (
        f"{datetime.date.today()}; {processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Linux {os.uname().release.split('-')[0]}; {versions}")


def parted(text, mark):
    """What stands before the first heading of this level, and what stands below each of them."""
    before, *parts = re.split(rf"^{mark} ", text, flags=re.MULTILINE)
    return before, dict(part.split("\n", 1) for part in parts)


def joined(before, parts, mark):
    return "\n\n".join([before.strip(), *(f"{mark} {title}\n\n{body.strip()}" for title, body in parts.items())]).strip()


def save(name, rows, scale):
    """Puts a benchmark's lines into RESULTS.md, in place of its last ones on such a processor."""
    head, benchmarks = parted(FILE.read_text() if FILE.exists() else HEAD, "##")
    before, processors = parted(benchmarks.get(name, ""), "###")
    processors[processor()] = f"{machine()}; {scale.rounds} rounds of {scale.seconds:g} s.\n\n{table(rows)}"
    benchmarks[name] = joined(before, processors, "###")
    FILE.write_text(joined(head, benchmarks, "##") + "\n")
