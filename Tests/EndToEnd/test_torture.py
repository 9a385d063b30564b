"""Steps that do what they should not: each ends as it should, says why, and leaves nothing behind."""

import contextlib
import json
import os
import pathlib
import sys

import pytest

from service import command_line, is_alive, wait_for

# Of a signal that ends a program by itself; two of them mean a limit.
SIGNALS = {
    name: ("signal", f"SIG{name}")
    for name in "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM SYS PROF VTALRM".split()
} | {"XCPU": ("timeout", None), "XFSZ": ("output-limit", None)}

# Name: what the step's configuration adds, what it runs, the code of the error (none: it completes).
STEPS = {
    "deaf": ('timeout = "300ms"', "trap '' TERM HUP INT; while :; do sleep 1; done", "timeout"),
    "deaf-family": (
        'timeout = "500ms"',
        "trap '' TERM; for i in 1 2 3; do (trap '' TERM; setsid sh -c 'sleep 1000; :') & done; sleep 1000", "timeout"),
    "grandchildren": ("", "for i in 1 2 3 4 5; do setsid sh -c 'sleep 1000 & sleep 1000; :' & done; exit 0", None),
    "held-pipes": ("", "(setsid sleep 1000 &) ; exec 3>&-; (setsid sh -c 'exec sleep 1000' &); exit 4", "exit"),
    "daemon": ("", "setsid sh -c '(trap \"\" TERM HUP; cd /; exec sleep 1000) >/dev/null 2>&1 3>&- &' ; exit 0", None),
    "endless": ("printedBytes = 4000000", "yes the same line again and again", "output-limit"),
    "one-line": ("printedBytes = 4000000", "tr '\\\\0' x < /dev/zero", "output-limit"),
    "errors": ("printedBytes = 1000000", "yes >&2", "output-limit"),
    "silent": ('silence = "300ms"', "exec sleep 1000", "silence"),
    "thinking": ('cpuTime = "1s"', "while :; do :; done", "timeout"),
    "hungry": ("memoryBytes = 200000000", "exec perl -e 'push @a, \"x\" x 1_000_000 while 1'", "memory"),
    "large-file": ("outputBytes = 5000000", "exec cat /dev/zero > $JOBD_OUTPUT_DIRECTORY/zero", "output-limit"),
    "many-files": (
        "outputBytes = 5000000",
        "i=0; while :; do head -c 100000 /dev/zero > $JOBD_WORK_DIRECTORY/$i; i=$((i+1)); done", "output-limit"),
    "deep": ("", "i=0; while [ $i -lt 300 ]; do mkdir d; cd d; i=$((i+1)); done; chmod 0 .; exit 1", "exit"),
    "stopped": ('timeout = "300ms"', "kill -STOP $$; sleep 1", "timeout"),
    "fork-many": ('timeout = "1s"', "while :; do (setsid sleep 1000 &); sleep 0.01; done", "timeout"),
    "no-supervisor": ("", "setsid sleep 1000 & kill -KILL $PPID; sleep 1000", "lost"),
    "missing": ("", None, "missing-program"),
} | {
    f"signal-{name}": ("", f"kill -{name} $$; sleep 1000", code) for name, (code, _) in SIGNALS.items()
}


def pipeline(name, settings, script):
    run = ["no-such-program"] if script is None else ["sh", "-c", script]
    return f'[pipelines.{name}]\nqueue = "default"\n[[pipelines.{name}.steps]]\nname = "{name}"\n' \
           f"run = {json.dumps(run)}\n{settings}\n"


CONFIGURATION = '[queues.default]\nwidth = 8\n[limits]\ngrace = "200ms"\n' + "".join(
    pipeline(name, settings, script) for name, (settings, script, _) in STEPS.items())


@pytest.fixture(scope="module")
def tortured():
    from service import Service
    service = Service(CONFIGURATION)
    yield service.start()
    service.discard()


@pytest.mark.parametrize("name", STEPS)
def test_a_step_ends_with_its_cause_and_leaves_nothing(tortured, name):
    _, _, code = STEPS[name]
    created = tortured.post("/api/jobs", {"jobType": name, "fileIds": []})
    assert created.status == 201, created
    job = tortured.wait(created.json["jobId"])
    assert job["status"] == ("failed" if code else "completed"), job
    if code:
        assert (job["error"]["code"], job["error"]["step"]) == (code, name), job["error"]
        assert job["error"]["message"].count(".") >= 1
    if name.startswith("signal-"):
        assert job["error"].get("signal") == SIGNALS[name.removeprefix("signal-")][1]
    expect_nothing_left(tortured)


def expect_nothing_left(service):
    [daemon] = service.part("serve")
    # The process that supervisors are forked from stays, and they take a moment to end after their last word.
    servers = [pid for pid in service.descendants() if pid_is_below(pid, daemon) and "step-exec" in command_line(pid)]
    assert len(servers) == 1, [command_line(pid) for pid in servers]
    steps = lambda: [pid for pid in service.descendants() if pid_is_below(pid, *servers)]
    wait_for(lambda: not steps(), "the end of the supervisors")
    assert list((service.directory / "data/runs").iterdir()) == []
    held = descriptors(daemon)
    assert not [path for path in held if "/runs/" in path], held


def pid_is_below(pid, ancestor):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]) == ancestor
    except (FileNotFoundError, ProcessLookupError):
        return False


def descriptors(pid):
    """What each of them is; those that are closed meanwhile are left out."""
    held = []
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            held.append(os.readlink(link))
    return held


OUTPUTS = r"""
cd "$JOBD_OUTPUT_DIRECTORY"
echo good > good.txt
ln -s /etc/passwd link; ln good.txt hard; ln -s good.txt inner; mkdir folder; echo x > folder/x
mkfifo pipe; mknod device c 1 3 || :; : > .hidden; : > 'a b'; : > "$(printf '\377\376')"; : > "$(printf 'a\nb')"
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("socket"))'
echo '::artifact ../../x text/plain'; echo '::artifact /etc/passwd text/plain'
printf 'bytes \377\376 and \033[31mred\033[0m\000 and \r\n'
"""


def test_outputs_that_are_no_files_are_refused_and_any_bytes_are_text(start, tmp_path):
    script = tmp_path / "script"
    script.write_text(OUTPUTS)
    jobd = start(f'[[pipelines.odd.steps]]\nname = "odd"\nrun = ["sh", "{script}"]\n')
    job = jobd.wait(jobd.post("/api/jobs", {"jobId": "odd", "jobType": "odd", "fileIds": []}).json["jobId"])
    assert job["status"] == "completed", job
    # A file with two names is none that only this job has.
    assert [artifact["name"] for artifact in job["artifacts"]] == []
    lines = jobd.get("/api/jobs/odd/logs").json["lines"]
    refused = [line["text"] for line in lines if line["stream"] == "jobd"]
    for name in ("link", "hard", "inner", "folder", "pipe", "socket", ".hidden", "a b", "good.txt"):
        assert any(text.startswith(f"{name} is not an artifact") for text in refused), (name, refused)
    printed = [line["text"] for line in lines if line["stream"] == "stdout"]
    assert printed[:2] == ["::artifact ../../x text/plain", "::artifact /etc/passwd text/plain"]
    assert printed[2] == "bytes \ufffd\ufffd and \x1b[31mred\x1b[0m\x00 and "
    shown = jobd.jobctl("logs", "odd", check=0).stdout
    assert "\x1b" not in shown and "\x00" not in shown, shown
    expect_nothing_left(jobd)
    assert not any(path.is_file() for path in (jobd.directory / "data/artifacts").rglob("*"))


def test_a_gigabyte_of_output_is_a_bounded_log(start, full):
    size = (1 << 30) if full else (20 << 20)
    jobd = start(
        f'[[pipelines.loud.steps]]\nname = "loud"\nprintedBytes = {2 << 30}\n'
        f'run = ["sh", "-c", "yes a line that is said again and again | head -c {size}; echo; echo the end"]\n')
    job = jobd.wait(jobd.post("/api/jobs", {"jobId": "loud", "jobType": "loud", "fileIds": []}).json["jobId"])
    assert job["status"] == "completed", job
    texts, after = [], 0
    while lines := jobd.get(f"/api/jobs/loud/logs?limit=500&after={after}").json["lines"]:
        assert [line["n"] for line in lines] == list(range(after + 1, after + 1 + len(lines)))
        texts += [line["text"] for line in lines]
        after = lines[-1]["n"]
    assert texts[-1] == "the end" and len(texts) < 10_000
    assert sum("lines were left out" in text for text in texts) == 1
    [daemon] = jobd.part("serve")
    print(f"{size >> 20} MiB printed, {len(texts)} lines kept, daemon at {memory(daemon)} MiB", file=sys.stderr)


def memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) >> 10


def test_many_short_jobs_leave_the_daemon_as_it_was(start, full):
    """Descriptors and threads are counted exactly; memory is printed."""
    count, warm_up = (10_000, 1_000) if full else (300, 100)
    jobd = start('[queues.default]\nwidth = 4\n[[pipelines.short.steps]]\nname = "short"\nrun = ["true"]\n')
    [daemon] = jobd.part("serve")

    def state():
        threads = len(list(pathlib.Path(f"/proc/{daemon}/task").iterdir()))
        return len(descriptors(daemon)), threads, memory(daemon)

    def run(first, last):
        for number in range(first, last):
            assert jobd.post("/api/jobs", {"jobId": f"s{number}", "jobType": "short", "fileIds": []}).status == 201
        ended = lambda: jobd.get("/api/stats").json["counts"].get("completed", 0) == last
        wait_for(ended, f"{last} ended jobs", patience=600)

    run(0, warm_up)
    before = state()
    run(warm_up, warm_up + count)
    after = state()
    print(f"{count} jobs: descriptors, threads, MiB {before} -> {after}", file=sys.stderr)
    # Dispatch keeps some threads for a while; they do not grow with the jobs.
    assert after[0] <= before[0] + 4 and after[1] <= before[1] + 8
    expect_nothing_left(jobd)
