"""Every benchmark runs, in a tiny form; what it measures then means nothing."""

import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
NAMES = subprocess.run(
    [sys.executable, HERE, "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()


@pytest.mark.parametrize("name", NAMES)
def test_benchmark(name):
    run = subprocess.run([sys.executable, HERE, "--smoke", name], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    lines = [line for line in run.stdout.splitlines() if line.startswith("| ")]
    assert len(lines) > 2, run.stdout
