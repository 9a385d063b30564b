"""Runs the Swift tests with a limit of the run's own: python3 run_limited.py LOG COMMAND…

A test over its time limit ends the run by itself. What has no limit, or hangs where no test can be cancelled, is ended
here: when nothing was printed for so long, the run is killed, and the tests that had begun and not ended are named.
"""
import os
import re
import signal
import subprocess
import sys
import threading

# Of a machine that has more to do than this; a run of all Swift tests takes two minutes on one that has not.
SILENCE_SECONDS = int(os.environ.get("TEST_SILENCE_SECONDS", "600"))
EVENT = re.compile(r"[^\w\s]\s+Test (.+?) (started|passed after|failed after|skipped)")


def main(log_path, command):
    run = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    is_over = threading.Event()

    def end():
        is_over.set()
        os.killpg(run.pid, signal.SIGKILL)

    running = []
    with open(log_path, "wb") as log:
        while True:
            alarm = threading.Timer(SILENCE_SECONDS, end)
            alarm.start()
            line = run.stdout.readline()
            alarm.cancel()
            if not line:
                break
            log.write(line)
            log.flush()
            if event := EVENT.match(line.decode(errors="replace")):
                name, what = event.groups()
                if what == "started":
                    running.append(name)
                elif name in running:
                    running.remove(name)
    status = run.wait()
    if is_over.is_set():
        print(f"Nothing happened for {SILENCE_SECONDS} s; the run was ended. Begun and not ended:")
        for name in running:
            print(f"  {name}")
        return 124
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
