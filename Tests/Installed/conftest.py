import os
import pathlib
import subprocess

import pytest

from machine import CONTAINER, ROOT, Machine


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="also what needs LibreOffice or an older package: many minutes")


@pytest.fixture(scope="session")
def full(request):
    return request.config.getoption("--full")


@pytest.fixture(scope="session", autouse=True)
def possible():
    """Skips, with what the kernel said, where no container can be: before anything is built for it."""
    answer = subprocess.run(["sh", CONTAINER, "possible"], capture_output=True, text=True)
    if answer.returncode == 77:
        pytest.skip(f"no containers here: {answer.stderr.strip()}")
    assert answer.returncode == 0, answer.stderr


@pytest.fixture(scope="session")
def package():
    """The package under test: JOBD_PACKAGE, or built now."""
    if "JOBD_PACKAGE" in os.environ:
        return pathlib.Path(os.environ["JOBD_PACKAGE"])
    output = subprocess.run(["sh", ROOT / "config/package.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return pathlib.Path(output.splitlines()[-1])


@pytest.fixture(scope="session")
def earlier_package(package, package_of, full, tmp_path_factory):
    """The package of an earlier commit: JOBD_EARLIER_PACKAGE, or of the commit before this one. Without --full, this one."""
    if not full:
        return package
    if "JOBD_EARLIER_PACKAGE" in os.environ:
        return pathlib.Path(os.environ["JOBD_EARLIER_PACKAGE"])
    return package_of("HEAD~1", tmp_path_factory.mktemp("earlier"))


@pytest.fixture(scope="session")
def package_of():
    def build(commit, folder):
        """The package of a commit, built in a folder from nothing."""
        tree = folder / "tree"
        subprocess.run(["git", "worktree", "add", "--detach", tree, commit], cwd=ROOT, check=True)
        try:
            output = subprocess.run(
                ["sh", tree / "config/package.sh", folder], stdout=subprocess.PIPE, text=True, check=True).stdout
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)
        return pathlib.Path(output.splitlines()[-1])

    return build


@pytest.fixture(scope="session")
def base(full):
    """A Debian that nothing is installed in: JOBD_BASE, made if it is missing."""
    base = pathlib.Path(os.environ.get("JOBD_BASE", ROOT / f".build/debian{'-full' * full}"))
    packages = ["libreoffice-writer-nogui", "ffmpeg", "clamav", "unzip"] if full else []
    subprocess.run(["sh", CONTAINER, "base", base, *packages], stdout=subprocess.DEVNULL, check=True)
    return base


@pytest.fixture(scope="module")
def bare(base):
    """A machine without jobd."""
    machine = Machine(base)
    yield machine
    machine.down()


@pytest.fixture(scope="session")
def machine(base, package):
    """A machine with jobd behind nginx, whose default site has the one line, and no limits for any address."""
    machine = Machine(base)
    machine.put(package, "/root/jobd.deb")
    machine.run("apt-get", "-qy", "install", "--no-install-recommends", "/root/jobd.deb", "nginx", "python3-minimal")
    machine.sh(r"""
        sed -i 's/^server {/&\n\tinclude jobd_locations;\n\tinclude jobd_operator_locations;/' /etc/nginx/sites-available/default
        sed -i 's/default $binary_remote_addr;/default "";/' /etc/nginx/conf.d/jobd.conf
        nginx -qt && systemctl reload nginx
    """)
    yield machine
    machine.down()
