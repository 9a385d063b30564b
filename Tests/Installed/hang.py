"""Stops single threads of a process until it ends: python3 hang.py PID NAME, where the threads' names begin with NAME.

As a debugger would; everything else in the process goes on.
"""

import ctypes
import os
import pathlib
import signal
import sys

ATTACH, CONTINUE, EVERY_THREAD = 16, 7, 0x40000000
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
pid, name = sys.argv[1:]
threads = [int(thread.name) for thread in pathlib.Path(f"/proc/{pid}/task").iterdir()
           if (thread / "comm").read_text().startswith(name)]
assert threads, f"process {pid} has no thread {name}"
for thread in threads:
    if ptrace(ATTACH, thread, None, None) != 0:
        sys.exit(f"thread {thread}: {os.strerror(ctypes.get_errno())}")
while threads:
    thread, status = os.waitpid(-1, EVERY_THREAD)
    if os.WIFSTOPPED(status):
        # The first stop is what was wanted; a signal that ends the process goes on its way.
        if os.WSTOPSIG(status) != signal.SIGSTOP:
            ptrace(CONTINUE, thread, None, ctypes.c_void_p(os.WSTOPSIG(status)))
    else:
        threads.remove(thread)
