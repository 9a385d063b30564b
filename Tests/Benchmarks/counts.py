"""What noise cannot hide: instructions, system calls and allocations for each request, in the daemon and in the front.

The parts run alone, each under the tool that counts; requests come from 32 connections, by the clients of the other
benchmarks.
"""

import functools
import re
import signal
import struct
import subprocess

import load
import peers
import sites
from peers import JOBD
from rounds import Counts, Scale

JOBS = 100


class Tool:
    """Starts a program so that something is counted, and counts it for each request that a client makes."""

    command, environment = [JOBD], {}

    def __init__(self, place):
        self.place = place


class Instructions(Tool):
    def __init__(self, place):
        super().__init__(place)
        # Debian 12's valgrind does not understand the debug information of today's compilers.
        program = place / "jobd"
        subprocess.run(["objcopy", "--strip-debug", JOBD, program], check=True)
        self.command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={place}/callgrind.%p", program]
        self.environment = {"LD_PRELOAD": str(load.program("sigsuspend", shared=True))}

    def __call__(self, child, requests):
        self.control("--zero", child)
        count = requests()
        self.control("--dump", child)
        [dump] = self.place.glob(f"callgrind.{child.pid}.1")
        return int(re.search(r"^(?:summary|totals): (\d+)", dump.read_text(), re.MULTILINE).group(1)) / count

    @staticmethod
    def control(word, child):
        subprocess.run(["callgrind_control", word, str(child.pid)], check=True, capture_output=True)


class SystemCalls(Tool):
    def __call__(self, child, requests):
        report = self.place / "strace"
        tracer = subprocess.Popen(
            ["strace", "-f", "-c", "-o", report, "-p", str(child.pid)], stderr=subprocess.PIPE, text=True)
        while "attached" not in tracer.stderr.readline():
            pass
        count = requests()
        tracer.send_signal(signal.SIGINT)
        tracer.stderr.read()
        tracer.wait()
        return int(re.search(r"^\s*100\.00\s+\S+\s+(?:\d+\s+)?(\d+)", report.read_text(), re.MULTILINE).group(1)) / count


class Allocations(Tool):
    def __init__(self, place):
        super().__init__(place)
        self.counter = place / "allocations"
        self.counter.write_bytes(bytes(8))
        self.environment = {
            "LD_PRELOAD": str(load.program("allocations", shared=True)), "ALLOCATIONS": str(self.counter)}

    def __call__(self, child, requests):
        before = self.read()
        count = requests()
        return (self.read() - before) / count

    def read(self):
        return struct.unpack("Q", self.counter.read_bytes())[0]


def part(word, tool, socket="jobd.sock"):
    return peers.part(word, tool.place, socket=socket, command=tool.command, **tool.environment)


def count_daemon(kind, requests):
    with peers.directory() as place:
        tool, socket = kind(place), f"{place}/jobd.sock"
        with part("serve", tool) as child:
            for request in (peers.CREATE, peers.GET):
                requests(socket, request, JOBS)
            return tool(child, functools.partial(requests, socket))


def count_front(kind, requests):
    with peers.directory() as place:
        tool, socket = kind(place), f"{place}/jobd.sock"
        with (
                part("serve", Tool(place)),
                part("fastcgi", tool, "fastcgi.sock") as child,
                sites.nginx(f"fastcgi_pass unix:{place}/fastcgi.sock; include {sites.PARAMETERS};") as port):
            load.lines(socket, peers.CREATE, '"result":', Scale(), count=JOBS)
            requests(port)
            return tool(child, functools.partial(requests, port))


def run(scale):
    count, seconds = max(JOBS, scale.of(5000)), Scale(seconds=min(2, scale.seconds))
    paths = [f"/api/jobs/job-{number:011}" for number in range(1, JOBS + 1)]

    def over_socket(request):
        def requests(socket, request=request, count=count):
            return load.lines(socket, request, '"result":', scale, count=count, keys=JOBS).requests
        return lambda kind: count_daemon(kind, requests)

    def over_http(*arguments, **more):
        def requests(port):
            # A tool can make a busy machine so slow that not one is answered in the time; what was given up is still answered.
            for patience in (1, 8, 64):
                scale = Scale(seconds=seconds.seconds * patience)
                if count := load.wrk(port, *arguments, scale, **more).requests:
                    return count
            raise RuntimeError("not one request was answered")
        return lambda kind: count_front(kind, requests)

    subjects = {
        "`jobs.get`: daemon": over_socket(peers.GET),
        "`jobs.create`: daemon": over_socket(peers.create("more")),
        "`GET /api/jobs/{id}`: front": over_http(paths),
        "`POST /api/jobs`: front": over_http(["/api/jobs"], method="POST", body=peers.BODY),
    }
    return [Counts(what, *map(count, (Instructions, SystemCalls, Allocations))) for what, count in subjects.items()]
