"""Each layer of a room is what keeps a step from something: without it, that can be done."""

import ctypes
import os
import pathlib
import socket
import subprocess

import pytest

import attacks
import service
from service import wait_for

# What can be done, or ends otherwise, without each of them. Not tried is what would harm the machine.
LAYERS = {
    "user namespace": {"owners of files"},
    "process namespace": {"find the daemon"},
    "network namespace": {"the machine's sockets"},
    "ipc namespace": {"the machine's message queue"},
    "name namespace": {"the machine's name"},
    "cgroup namespace": {"the machine's control groups"},
    "root taken away": {"the root before"},
    "read-only": {"write to the root", "input", "input's mode", "input's times", "kernel settings"},
    "cover": {"uploads", "database"},
    "own proc": {"the daemon's memory"},
    "capabilities": {"capabilities", "host name", "file capabilities"},
    "filter": {"internet", "netlink", "namespace", "clone3", "io_uring", "memory file", "shared segment", "page faults",
               "input leased", "hide from the first process"},
    "scope": {"somebody else's abstract socket"},
    "hidden first process": {
        "descriptors of the first process", "memory of the first process", "root of the first process"},
    "descriptors": {"descriptors of the supervisor"},
    "number of descriptors": {"many descriptors"},
    "size of memory": {"many files in memory"},
}

# Without these, what else the machine does counts for the watch of the step, too, or how soon it looks.
BUSY = ("own proc", "number of descriptors")

# The scopes of Landlock: Linux 6.12.
HAS_SCOPES = ctypes.CDLL(None).syscall(444, None, 0, 1) >= 6


class Units:
    """`jobd step-exec` as services run it, with without.c in it."""

    def __init__(self, directory):
        self.directory = directory
        self.layer = directory / "layer"
        library = directory / "without.so"
        source = pathlib.Path(__file__).with_name("without.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source], check=True)
        environment = {"LD_PRELOAD": str(library), "JOBD_TEST_WITHOUT": str(self.layer)}
        self.processes = [
            self.start("steps.sock", environment, "--without-network"), self.start("steps-open.sock", environment)]

    def start(self, name, environment, *arguments):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(self.directory / name))
            listener.listen()
            return subprocess.Popen([service.JOBD, "step-exec", *arguments], stdin=listener, env=environment)

    def take(self, layer):
        self.layer.write_text(layer)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    if os.getuid() != 0:
        pytest.skip("makes rooms without a user namespace: needs root")
    units = Units(tmp_path_factory.mktemp("units"))
    yield units
    units.end()


# More than it may have; there long enough to be seen.
MUCH = """
import os, signal, time
filled, fill = os.pipe()
for _ in range(3):
    if os.fork() == 0:
        some = bytearray(60_000_000)
        os.write(fill, b".")
        signal.pause()
for _ in range(3): os.read(filled, 1)
time.sleep(0.5)
"""


@pytest.fixture(scope="module")
def jobd(units):
    jobd = service.Service(f'[sandbox]\nsteps = "on"\nunits = "{units.directory}"\n').start()
    jobd.surroundings = attacks.Surroundings(units.directory)
    more = attacks.pipelines([jobd.directory, units.directory]) + f"""
[[pipelines.much.steps]]
name = "step"
run = ["python3", "-c", '''{MUCH}''']
memoryBytes = 150000000
"""
    with open(jobd.directory / "jobd.toml", "a") as file:
        file.write(more)
    assert jobd.jobctl("reload").returncode == 0
    with jobd.surroundings:
        attacks.start_other(jobd)
        yield jobd
    jobd.discard()


def test_with_all_layers_nothing_can_be_done(jobd, units):
    units.take("")
    names = set().union(*LAYERS.values())
    for kind in ("attack", "attack_reading"):
        job, found = attacks.attack(jobd, jobd.surroundings.order(jobd, names), kind)
        assert job["status"] == "completed" and set(found) == names and attacks.unexpected(found) == {}, (job["error"], attacks.lines(jobd, job["jobId"]))


@pytest.mark.parametrize("layer", LAYERS)
def test_without_a_layer_something_can_be_done(jobd, units, layer, full):
    if layer == "scope" and not HAS_SCOPES:
        pytest.skip("each room has a network of its own before Linux 6.12")
    if layer in BUSY and not full:
        pytest.skip("on a machine that does nothing else: --full")
    units.take(layer)
    names = LAYERS[layer]
    kind = "attack" if layer == "scope" else "attack_reading"
    job, found = attacks.attack(jobd, jobd.surroundings.order(jobd, names), kind)
    assert set(attacks.unexpected(found)) == names, (job["error"], found)


def test_without_the_bar_to_privileges_there_is_no_room(jobd, units):
    units.take("no new privileges")
    job_id = jobd.process(jobType="attack")["jobId"]
    wait_for(lambda: jobd.get(f"/api/jobs/{job_id}/explain").json["because"] == "sandbox", "the job to be given back")
    status = jobd.jobctl("status").stdout
    assert "landlock_restrict_self failed" in status or "seccomp failed" in status, status
    units.take("")
    jobd.wait(job_id)


def test_without_the_watch_there_is_as_much_memory_as_processes_take(jobd, units):
    units.take("watch")
    assert jobd.wait(jobd.process(jobType="much")["jobId"])["status"] == "completed"
