"""Has the k-th write, sync or rename of one of jobd's processes fail: faults.c, built with cc and loaded into jobd."""

import contextlib
import ctypes
import mmap
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).with_name("faults.c")
WRITE, SYNC, RENAME = 1, 2, 4


class Order(ctypes.Structure):
    _fields_ = [
        ("calls", ctypes.c_int32), ("countdown", ctypes.c_int32), ("times", ctypes.c_int32), ("error", ctypes.c_int32),
        ("fired", ctypes.c_int32), ("process", ctypes.c_char * 28), ("path", ctypes.c_char * 80)]


class Faults:
    """What fails in the processes that are started while `environment` is in force; nothing, until something is armed."""

    def __init__(self, directory, process):
        self.library = directory / "faults.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", self.library, SOURCE], check=True)
        self.file = directory / "faults"
        self.file.write_bytes(bytes(ctypes.sizeof(Order)))
        with open(self.file, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.order = Order.from_buffer(self.map)
        self.order.process = process.encode()

    @contextlib.contextmanager
    def environment(self):
        names = {"LD_PRELOAD": str(self.library), "JOBD_TEST_FAULTS": str(self.file)}
        os.environ.update(names)
        try:
            yield
        finally:
            for name in names:
                del os.environ[name]

    def arm(self, calls, number, error, path, times=1):
        """The calls from that number on, counted from 1, fail, so many of them; without an error the first kills."""
        self.order.countdown = 0
        self.order.calls, self.order.error, self.order.times = calls, error or 0, times
        self.order.path, self.order.fired = path.encode(), 0
        self.order.countdown = number - 1 + times

    def disarm(self):
        """How many have failed."""
        self.order.countdown = 0
        return self.order.fired
