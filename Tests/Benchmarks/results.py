"""What is kept of a run: RESULTS.md, and on what machine with which versions it was."""

import datetime
import os
import pathlib
import re
import subprocess

from peers import JOBD
from rounds import table

FILE = pathlib.Path(__file__).resolve().parent / "RESULTS.md"
HEAD = """# Results

What `sh Tests/Benchmarks/run.sh --save` measured last. Rates are medians of the rounds; a ratio is the median of the ratios
within each round, jobd's value by the other one. 32 connections and 200 bytes of payload unless a line says otherwise.
"""

VERSIONS = {
    "jobd": [JOBD, "--version"],
    "nginx": ["nginx", "-v"],
    "Redis": ["redis-server", "--version"],
    "beanstalkd": ["beanstalkd", "-v"],
    "PHP": ["php", "--version"],
    "Node": ["node", "--version"],
    "wrk": ["wrk", "-v"],
}


def version(command):
    try:
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    except FileNotFoundError:
        return None
    match = re.search(r"\d+\.\d+(\.\d+)?", run.stdout + run.stderr)
    return match.group() if match else None


def machine():
    """One line: date, processor, cores, memory, kernel, versions."""
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 1024 ** 2
    versions = ", ".join(f"{name} {found}" for name, command in VERSIONS.items() if (found := version(command)))
    return (
        f"{datetime.date.today()}; {processor}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Linux {os.uname().release.split('-')[0]}; {versions}")


def save(name, rows, scale):
    """Puts a benchmark's lines into RESULTS.md, in place of its last ones."""
    section = (
        f"\n## {name}\n\n{machine()}; {scale.rounds} rounds of {scale.seconds:g} s.\n\n{table(rows)}\n")
    kept = FILE.read_text() if FILE.exists() else HEAD
    pattern = re.compile(rf"\n## {re.escape(name)}\n.*?(?=\n## |\Z)", re.DOTALL)
    FILE.write_text(pattern.sub(lambda _: section, kept) if pattern.search(kept) else kept + section)
