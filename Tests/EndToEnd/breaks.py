"""Ways in which what brings news of a job breaks, and a job whose progress is in our hands."""

import os
import re
import signal

from service import one_step, wait_for
from test_access import restart_nginx

FINAL = ("completed", "failed", "cancelled")


class Steered:
    """A service with one step, which goes as far as it is told, and a job in a browser's page."""

    def __init__(self, start, directory):
        self.word = directory / "progress"
        self.go(0)
        # A file and not a pipe, which would lose a word between two runs.
        script = (f'while read -r n <{self.word}; do [ "$n" = "$last" ] || echo "::progress $n" >$JOBD_REPORTS; last=$n; '
                  '[ "$n" != 100 ] || exit 0; sleep 0.02; done')
        self.jobd = start(one_step(f"run = ['sh', '-c', '{script}']"))

    def go(self, progress):
        new = self.word.with_suffix(".new")
        new.write_text(f"{progress}\n")
        new.rename(self.word)


# How nginx answers streams then. Without the error_page, its own errors would get another status. What it compresses, it
# holds back until there is enough of it.
STREAM_ANSWERS = {
    "502": "error_page 599 /none; return 502;",
    "404": "error_page 599 /none; return 404;",
    "buffers": "fastcgi_pass jobd; fastcgi_ignore_headers X-Accel-Buffering; gzip on; gzip_types text/event-stream; gzip_min_length 1;",
    "cut every 300 ms": "fastcgi_pass jobd; fastcgi_read_timeout 300ms;",
}


def break_streams(jobd, answer):
    """Gives all stream locations another answer."""
    file = jobd.directory / "nginx/jobd_locations"
    head = "    location ~ ^/api/jobs/([^/]+/)?stream$ {"
    text, count = re.subn(
        re.escape(head) + r".*?\n    \}\n", lambda _: f"{head} {answer} }}\n", file.read_text(), flags=re.S)
    assert count == 1
    restart_nginx(jobd, file.name, text)


def reload_nginx(jobd):
    [master] = jobd.part("nginx: master")
    old = jobd.part("nginx: worker")
    os.kill(master, signal.SIGHUP)
    wait_for(lambda: set(jobd.part("nginx: worker")) - set(old), "a new worker")


def kill_fronts(jobd):
    for pid in jobd.part("fastcgi"):
        os.kill(pid, signal.SIGKILL)


def kill_daemon(jobd):
    jobd.kill("serve")


# What happens while the job runs.
ACCIDENTS = {"nginx reloaded": reload_nginx, "every front killed": kill_fronts, "the daemon killed": kill_daemon}

BREAKS = [*STREAM_ANSWERS, *ACCIDENTS]

# Keeps every update that a page is told.
WATCH = """
window.updates = [];
document.addEventListener("job-update", ({ detail: { phase, progress, status, version, attempt, job } }) =>
    updates.push({ phase, progress, status, version, attempt, jobId: job?.jobId ?? null, own: job?.progress ?? 0, at: Date.now() }));
"""


def run(break_name, steered, browser, path):
    """Uploads a file in the demo page while the stream is broken; gives what the page was told, and the final job."""
    jobd = steered.jobd
    if break_name in STREAM_ANSWERS:
        break_streams(jobd, STREAM_ANSWERS[break_name])
    browser.open(jobd, "/")
    browser.run(WATCH)
    browser.inside("job-upload", "input").send_keys(str(path))
    browser.wait("return updates.some(({ phase }) => phase === 'process')", "the run in the page")
    job_id = browser.run("return updates.at(-1).jobId")
    steered.go(30)
    browser.wait("return updates.at(-1).own === 30", "progress in the page")
    accident = ACCIDENTS.get(break_name)
    if accident:
        accident(jobd)
        if break_name == "the daemon killed":
            browser.wait("return updates.at(-1).attempt === 2", "the second attempt in the page")
    steered.go(60)
    browser.wait("return updates.at(-1).own === 60", "more progress in the page")
    if accident and break_name != "the daemon killed":
        accident(jobd)
    steered.go(100)
    final = wait_for(lambda: (answer := jobd.get(f"/api/jobs/{job_id}?wait=30")).status == 200 and answer.json["status"] in FINAL
                     and answer.json, "the end")
    browser.wait("return updates.at(-1).phase === 'end'", "the end in the page")
    return browser.run("return updates"), final
