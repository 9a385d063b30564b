"""The articles as a reader walks them: every command is run, every configuration checked, every program executed.

A fenced block says by its language what happens to it: `sh` is run as root, in the reader's order; `sh full` needs large
packages, and is run with --full; `toml` is checked by jobd, `nginx` by nginx; `json` and parts of programs are read; a program is
saved under the name that the sentence above it gives, for the commands behind it.
"""

import json
import re
import sys

import pytest

from machine import ROOT

sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))
import corpus  # noqa: E402

ARTICLES = ROOT / "Sources/jobd/jobd.docc"
LETTER = r"{\rtf1\ansi A letter about the contract.\par}"


def blocks(article):
    """Line, language, text and the name that the text is to be saved under."""
    lines = (ARTICLES / f"{article}.md").read_text().split("\n")
    name, start = None, None
    for number, line in enumerate(lines, 1):
        if start is None and (match := re.match(r"```(\w.*)", line)):
            start, language = number, match[1]
        elif start is not None and line == "```":
            yield start, language, "\n".join(lines[start : number - 1]) + "\n", name
            name, start = None, None
        elif start is None and (match := re.search(r"[Ss]ave this as `([^`]+)`", line)):
            name = match[1]


@pytest.fixture(scope="module")
def reader(bare, package):
    """A machine with the files that the articles speak of."""
    bare.put(package, "/root/jobd.deb")
    bare.put(ROOT / "Tests/Fixtures/pdf/contract.pdf", "/root/contract.pdf")
    bare.write("/root/letter.rtf", LETTER)
    (bare.files / "root/scan.pdf").write_bytes(corpus.scan(1))
    return bare


def check_toml(machine, text, where):
    machine.write("/root/block.toml", text)
    answer = machine.try_run("jobd", "check-config", "--config", "/root/block.toml")
    # A program that is not installed here is not a mistake.
    mistakes = [line for line in answer.stderr.splitlines() if "which is not in /" not in line]
    assert answer.returncode in (0, 78) and mistakes == [], f"{where}: {answer}"


def check_nginx(machine, text, where):
    machine.write("/etc/nginx/block.conf", f"""
        pid /run/block.pid;
        events {{}}
        http {{ include conf.d/jobd.conf; {text} }}""")
    answer = machine.try_run("nginx", "-t", "-c", "/etc/nginx/block.conf")
    assert answer.returncode == 0 and "warn" not in answer.stderr, f"{where}: {answer.stderr}"


# What a reader would keep, and the articles behind it do not expect.
AFTERWARDS = {
    "Operate": "systemctl disable --now jobd-fastcgi@3.service; rm -r /var/lib/jobd.before",
    "Security": """
        cd /etc/nginx/sites-enabled
        rm jobd-operators shop node-shop
        dpkg --fsys-tarfile /root/jobd.deb | tar -xO ./etc/nginx/jobd_identity >/etc/nginx/jobd_identity
        nginx -t
        systemctl reload nginx""",
    "Sandbox": "rm -r /etc/systemd/system/jobd-steps-open.service.d; systemctl daemon-reload; systemctl restart jobd",
}


@pytest.mark.parametrize("article", ["Install", "AddToAnApplication", "Pipelines", "Sandbox", "Operate", "Troubleshoot", "Migrating",
                                     "Security", "Webhooks"])
def test_what_is_written_is_so(reader, full, article):
    if article == "AddToAnApplication":
        reader.run("apt-get", "-qy", "install", "php-cli", "nodejs", "python3")
    for line, language, text, name in blocks(article):
        where = f"{article}.md:{line}"
        if name:
            reader.write(f"/root/{name}", text)
        elif language == "toml":
            check_toml(reader, text, where)
        elif language == "nginx":
            check_nginx(reader, text, where)
        elif language == "json":
            json.loads(text)
        elif language == "python":
            compile(text, where, "exec")
        elif language == "sh" or full:
            assert language in ("sh", "sh full"), f"{where}: nobody looks at a block of {language}"
            answer = reader.try_run("sh", "-ec", f"cd /root\n{text}")
            assert answer.returncode == 0, f"{where}: {answer.stdout[-2000:]} {answer.stderr[-2000:]}"
    reader.sh(AFTERWARDS.get(article, ""))


# The page in the package.


@pytest.fixture(scope="module")
def installed(reader):
    """With jobd behind the default site, if no article has seen to that."""
    if reader.try_run("which", "jobd").returncode != 0:
        reader.run("apt-get", "-qy", "install", "/root/jobd.deb")
    if reader.try_run("grep", "-q", "jobd_locations", "/etc/nginx/sites-available/default").returncode != 0:
        reader.sh(r"sed -i 's/^server {/&\n\tinclude jobd_locations;\n\tinclude jobd_operator_locations;/' /etc/nginx/sites-available/default")
    return reader


def test_the_page_in_the_package_is_so(installed):
    """Its blocks are indented: commands, files, a server of nginx."""
    page = installed.run("cat", "/usr/share/doc/jobd/README.Debian")
    installed.sh("useradd NAME")
    kinds = set()
    for block in re.findall(r"(?m)(?:^    .*\n|^\n(?=    ))+", page):
        text = re.sub("(?m)^    ", "", block).strip("\n") + "\n"
        kind = text[0] if text[0] == "/" else text.split()[0] if text.startswith("server {") else "sh"
        kinds.add(kind)
        if kind == "server":
            check_nginx(installed, text.replace("    ...\n", ""), "README.Debian")
        elif kind == "/":
            installed.run("test", "-e", *" -a -e ".join(line.split()[0] for line in text.splitlines()).split())
        else:
            installed.sh(text)
    assert kinds == {"server", "/", "sh"}
    assert "NAME" in installed.run("getent", "group", "jobd")
    states = installed.try_run("systemctl", "is-active", "jobd-fastcgi@1", "jobd-fastcgi@2", "jobd-fastcgi@3").stdout.split()
    # What an article has done to the second one before does not matter, as long as it is masked and does not run.
    assert (states[0], states[2]) == ("active", "active") and states[1] != "active", states
    assert installed.show("jobd-fastcgi@2", "LoadState") == "masked"
    installed.sh("""
        systemctl disable --now jobd-fastcgi@3
        systemctl unmask jobd-fastcgi@2
        systemctl daemon-reload
        systemctl restart jobd-fastcgi.target
    """)


# The recipes, with the large programs that they are for.

EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(scope="module")
def cook(installed, full):
    if not full:
        pytest.skip("LibreOffice, ffmpeg and ClamAV: with --full")
    installed.run("apt-get", "-qy", "install", "--no-install-recommends", "libreoffice-writer-nogui", "ffmpeg", "clamav",
                  "tesseract-ocr", "unzip")
    # The signature of the one file that all scanners know, in place of 200 MB from the network.
    installed.write("/var/lib/clamav/test.ndb", f"Eicar-Test:0:*:{EICAR.encode().hex()}\n")
    recipes = "".join(text for _, language, text, _ in blocks("Pipelines") if language == "toml")
    installed.write("/etc/jobd/jobd.toml", recipes)
    installed.sh("jobd check-config; jobctl reload")
    return installed


def made(machine, kind, path):
    """The job of this type with this file, and the names of its artifacts."""
    job_id = f"recipe-{kind}-{path.rpartition('/')[2]}"
    submitted = machine.try_run("jobctl", "submit", "--type", kind, "--id", job_id, "--wait", path)
    # Over HTTP nobody sees a job whose id can be guessed.
    shown = machine.try_run("jobctl", "show", "--json", job_id)
    assert shown.returncode == 0, f"{submitted} {shown}"
    job = json.loads(shown.stdout)
    return job, [artifact["name"] for artifact in job["artifacts"]]


def test_recipe_for_text_in_pictures(cook):
    cook.sh("pdftoppm -png -r 150 -singlefile /root/contract.pdf /root/page")
    job, names = made(cook, "ocr", "/root/page.png")
    assert job["status"] == "completed" and names == ["searchable.pdf"], job
    assert "contract" in cook.sh(f"jobctl artifacts get {job['jobId']} searchable.pdf | pdftotext - -").lower()


def test_recipe_for_office_files(cook):
    job, names = made(cook, "office", "/root/letter.rtf")
    assert job["status"] == "completed" and names == ["document.pdf"], job
    assert "A letter" in cook.sh(f"jobctl artifacts get {job['jobId']} document.pdf | pdftotext - -")


def test_recipe_against_viruses(cook):
    cook.write("/root/virus.txt", EICAR)
    job, _ = made(cook, "checked", "/root/virus.txt")
    assert (job["status"], job["error"]["code"], job["error"]["exitCode"]) == ("failed", "virus", 1), job
    assert "FOUND" in cook.run("jobctl", "logs", job["jobId"])
    assert made(cook, "checked", "/root/letter.rtf")[0]["status"] == "completed"


def test_recipe_for_videos(cook):
    cook.sh("ffmpeg -v error -f lavfi -i testsrc=d=3:s=640x360 -f lavfi -i sine=d=3 -shortest /root/test.mkv")
    job, names = made(cook, "video", "/root/test.mkv")
    assert job["status"] == "completed" and sorted(names) == ["poster.jpg", "video.mp4"], job
