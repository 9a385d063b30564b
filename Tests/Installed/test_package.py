"""The package: what it brings, and what installing, upgrading, removing and purging it does."""

import json
import pathlib
import re
import subprocess
import time

import pytest

from machine import ROOT, wait_for

CONTRACT = ROOT / "Tests/Fixtures/pdf/contract.pdf"

SLOW = """
[[pipelines.slow.steps]]
name = "wait"
run = ["sh", "-c", "until [ -e /opt/go ]; do sleep 0.1; done"]
"""


def test_debian_has_nothing_to_say_against_it(package):
    answer = subprocess.run(["lintian", "--fail-on", "error,warning", package], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout


def test_it_says_nothing_of_the_machine_that_built_it(package, tmp_path):
    subprocess.run(["dpkg-deb", "-R", package, tmp_path / "package"], check=True)
    places = [str(ROOT).encode(), b"/root/", b"/opt/swift"]
    for file in (tmp_path / "package").rglob("*"):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            assert [place for place in places if place in content] == [], file


def test_another_folder_gives_the_same_bytes(package, package_of, full, tmp_path):
    if not full:
        pytest.skip("builds a package from nothing: --full")
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    if commit not in package.name:
        pytest.skip(f"{package} is not of {commit}")
    again = package_of("HEAD", tmp_path)
    assert again.read_bytes() == package.read_bytes()


def test_from_a_fresh_system_to_a_processed_file(bare, earlier_package):
    """As an administrator does it: apt, one line in a site that exists, reload."""
    bare.put(earlier_package, "/root/jobd.deb")
    bare.put(CONTRACT, "/root/contract.pdf")
    began = time.monotonic()
    bare.run("apt-get", "-qy", "install", "/root/jobd.deb")
    installed = time.monotonic()
    # nginx came with it, and its own site is still what answers on port 80.
    assert "Welcome to nginx" in bare.curl("/")
    assert bare.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1/api/jobs") == "404"

    bare.sh(r"""
        sed -i 's/^server {/&\n\tinclude jobd_locations;\n\tinclude jobd_operator_locations;/' /etc/nginx/sites-available/default
        nginx -qt && systemctl reload nginx
    """)
    wait_for(lambda: bare.try_run("curl", "-sf", "http://127.0.0.1/api/health/ready").returncode == 0, "the route")
    file = bare.json("/api/files?name=contract.pdf", "--data-binary", "@/root/contract.pdf")
    job_id = bare.post("/api/file-manager/process", {"fileIds": [file["fileId"]]})["jobId"]
    job = bare.wait(job_id)
    completed = time.monotonic()
    assert job["status"] == "completed" and job["result"]["pages"] == 10, job
    assert "text.txt" in [artifact["name"] for artifact in job["artifacts"]]
    assert len(bare.curl(f"/api/jobs/{job_id}/artifacts/text.txt")) > 1000
    # What browsers need is there, too.
    for path, words in (("/jobs/", "<!doctype html>"), ("/jobd/jobd-client.js", "export"), ("/jobd/job-status.js", "import")):
        assert words in bare.curl(path).lower(), path
    assert "Welcome to nginx" in bare.curl("/")
    print(f"\napt-get install {installed - began:.1f} s, then to the first completed job {completed - installed:.1f} s")


def test_it_is_small(bare):
    size = int(bare.run("dpkg-query", "-W", "-f", "${Installed-Size}", "jobd"))
    print(f"\ninstalled size {size / 1024:.1f} MB")
    assert size < 60 * 1024


def test_it_needs_little_memory(bare):
    """With nothing to do: the daemon, two fronts, the sender and two that run steps; what they share counts once."""
    bare.run("systemctl", "restart", "jobd", "jobd-fastcgi@1", "jobd-fastcgi@2")
    wait_for(lambda: bare.try_run("curl", "-sf", "http://127.0.0.1/api/health/ready").returncode == 0, "the service")
    together = 0
    for pid in bare.run("pgrep", "-x", "jobd").split():
        rollup = pathlib.Path(f"/proc/{bare.outside(pid)}/smaps_rollup").read_text()
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
        together += kilobytes["Pss"]
        command = bare.run("ps", "-o", "args=", pid).strip()
        print(f"\n{command}: {kilobytes['Rss'] / 1024:.1f} MB resident, {kilobytes['Pss'] / 1024:.1f} MB its share, "
              f"{kilobytes['Anonymous'] / 1024:.1f} MB its own", end="")
    print(f"\ntogether {together / 1024:.1f} MB")
    assert together < 50 * 1024


def test_pages_and_completions_are_there(bare):
    bare.run("apt-get", "-qy", "install", "man-db")
    for page, words in (("jobd", "check-config"), ("jobctl", "--follow"), ("jobd.toml", "maxUploadBytes")):
        answer = bare.try_run("man", "--warnings", page)
        assert words in answer.stdout.replace("‐", "-") and answer.stderr == "", answer
    bare.run("bash", "-n", "/usr/share/bash-completion/completions/jobctl")
    assert "jobctl" in bare.run("bash", "-c", ". /usr/share/bash-completion/completions/jobctl; complete -p jobctl")
    site = bare.files / "usr/share/doc/jobd/html"
    assert "<title>jobd</title>" in (site / "index.html").read_text() and (site / "HTTP.html").exists()


def test_a_site_of_its_own(bare):
    bare.sh("ln -s ../sites-available/jobd /etc/nginx/sites-enabled/; nginx -qt && systemctl reload nginx")
    wait_for(lambda: bare.try_run("curl", "-sf", "http://jobs.example.com/api/health/live").returncode == 0, "the site")
    assert "Welcome to nginx" in bare.curl("/")
    bare.sh("rm /etc/nginx/sites-enabled/jobd; systemctl reload nginx")


def newer(package, folder):
    """The same package with a higher version."""
    subprocess.run(["dpkg-deb", "-R", package, folder / "new"], check=True)
    control = folder / "new/DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: (.*)", r"Version: \1.1", control.read_text()))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder / "new", folder / "new.deb"],
                   check=True, stdout=subprocess.DEVNULL)
    return folder / "new.deb"


def test_an_upgrade_loses_nothing(bare, package, earlier_package, tmp_path):
    """A job runs, another waits, and a program asks 200 times a second."""
    bare.sh("cat >>/etc/jobd/jobd.toml", input=SLOW + "[queues.default]\nwidth = 1\n")
    bare.sh(r"""
        sed -i 's/default $binary_remote_addr;/default "";/' /etc/nginx/conf.d/jobd.conf
        systemctl reload nginx
        jobctl reload
        systemctl disable jobd-fastcgi.target
    """)
    # As an administrator had changed it for an earlier version.
    bare.write("/etc/nginx/jobd_operators", "# Ours\nallow 127.0.0.1;\n  allow 10.1.0.0/16;\ndeny 10.2.0.1;\nallow ::1;\ndeny all;\n")
    # So did its files belong to the operators' group.
    bare.sh("usermod -g jobd jobd; chgrp -R jobd /var/lib/jobd; chmod 0750 /var/lib/jobd; chmod 0640 /var/lib/jobd/jobd.sqlite*")
    # As a page had made it for an earlier version.
    bare.run("jobctl", "create", "--id", "contract-7", "--type", "import")
    running = bare.process(jobType="slow")
    waiting = bare.process(jobType="slow")
    wait_for(lambda: bare.job(running)["status"] == "processing", "the step")
    before = {unit: bare.main_pid(unit) for unit in ("jobd", "jobd-fastcgi@1", "jobd-fastcgi@2")}
    load = bare.in_network("python3", ROOT / "Tests/Installed/load.py", "200", stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    bare.put(newer(package, tmp_path) if package == earlier_package else package, "/root/new.deb")
    bare.run("apt-get", "-qy", "-o", "DPkg::Options::=--force-confold", "install", "/root/new.deb")

    bare.sh("touch /opt/go")
    for job_id in (running, waiting):
        assert bare.wait(job_id)["status"] == "completed"
    assert bare.job(running)["attempt"] == 2
    answer = json.loads(load.communicate("")[0])
    print("\nupgrade under load:", json.dumps(answer))
    assert answer["failed"] == 0 and answer["requests"] > 100, answer
    for unit, pid in before.items():
        assert bare.main_pid(unit) not in (0, pid), unit
    assert bare.run("id", "-gn", "jobd").strip() == "jobd-data"
    assert bare.sh("stat -c '%U %G %a' /var/lib/jobd /var/lib/jobd/jobd.sqlite").split("\n")[:2] == [
        "jobd jobd-data 700", "jobd jobd-data 600"]
    # nginx has what it was told before, in the words of now.
    bare.run("nginx", "-qt")
    assert bare.run("cat", "/etc/nginx/jobd_operators").split("\n")[:5] == [
        "# Ours", "127.0.0.1 operator;", "10.1.0.0/16 operator;", '10.2.0.1 "";', "::1 operator;"]
    assert bare.json("/api/jobs?limit=1")["jobs"]
    # What was stored is nobody's; a page that asks as nobody is refused what can be guessed, the administrator hears of it,
    # and how such pages go on.
    assert json.loads(bare.run("jobctl", "show", "--json", "contract-7"))["owner"] is None
    bare.sh("cp /etc/nginx/jobd_operators /root/; : >/etc/nginx/jobd_operators; systemctl reload nginx")
    status = lambda: bare.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1/api/jobs/contract-7")
    wait_for(lambda: status() == "404", "nobody's refusal")
    # The doctor looks at the newest jobs, of which the load has made many.
    bare.run("jobctl", "create", "--id", "contract-8", "--type", "import")
    told = json.loads(bare.try_run("jobctl", "doctor", "--json").stdout)["findings"]
    assert any(finding["check"] == "access" and "such as" in finding["text"] for finding in told), told
    assert "anonymous = \"any\"" in bare.run("zcat", "/usr/share/doc/jobd/NEWS.Debian.gz")
    bare.sh(r"""
        grep -q '^\[access\]' /etc/jobd/jobd.toml || echo '[access]' >>/etc/jobd/jobd.toml
        sed -i 's/^\[access\]$/&\nanonymous = "any"/' /etc/jobd/jobd.toml
        systemctl restart jobd jobd-fastcgi@1 jobd-fastcgi@2
    """)
    wait_for(lambda: status() == "200", "the page that goes on")
    bare.sh("cp /root/jobd_operators /etc/nginx/; systemctl reload nginx")
    # What the administrator changed stays: his configuration, and what he does not want started.
    assert "slow" in bare.run("cat", "/etc/jobd/jobd.toml")
    assert bare.try_run("systemctl", "is-enabled", "jobd-fastcgi.target").stdout.strip() == "disabled"
    bare.sh("systemctl enable jobd-fastcgi.target")


def test_removing_keeps_what_is_valuable(bare):
    jobs = len(bare.json("/api/jobs?limit=500")["jobs"])
    bare.run("apt-get", "-qy", "remove", "jobd")
    assert bare.processes("/usr/bin/jobd") == []
    assert bare.try_run("systemctl", "is-active", "jobd.socket", "jobd-fastcgi.socket").stdout.split() == ["inactive"] * 2
    bare.sh("test -e /var/lib/jobd/jobd.sqlite; grep -q slow /etc/jobd/jobd.toml; nginx -qt")
    assert "Welcome to nginx" in bare.curl("/")

    bare.run("apt-get", "-qy", "install", "/root/new.deb")
    assert bare.run("systemctl", "is-active", "jobd", "jobd-fastcgi@1", "jobd-fastcgi@2").split() == ["active"] * 3
    assert len(bare.json("/api/jobs?limit=500")["jobs"]) == jobs


def test_purging_removes_everything(bare):
    bare.sh("sed -i '/include jobd_/d' /etc/nginx/sites-available/default")
    bare.run("apt-get", "-qy", "purge", "jobd")
    left = bare.sh("find /etc /lib/systemd /usr/bin /usr/share /usr/lib /var/lib /run -name '*job[dc]*' -not -path '*/dpkg/*'")
    # The user stays, as Debian's packages leave theirs.
    assert left == "" and bare.processes("/usr/bin/jobd") == []
    assert "/var/lib/jobd" in bare.run("getent", "passwd", "jobd")
    assert bare.run("systemctl", "list-units", "--all", "--no-legend", "--type=service,socket,target", "*jobd*") == ""
    bare.sh("nginx -qt && systemctl restart nginx")
