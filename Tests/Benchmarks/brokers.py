"""The brokers of other job systems, and jobd: each in a directory of its own, to be killed and started again."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import peers


class Broker:
    """A program that may be killed, and found again where it was."""

    def __init__(self, command, address, ready, **more):
        self.command, self.address, self.ready, self.more = list(map(str, command)), address, ready, more
        self.child = None

    def start(self):
        # In a session of its own, so that those whom it starts end with it.
        self.child = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **self.more)
        peers.wait_for(lambda: self.ready() or self.child.poll() is not None, f"the start of {self.command[0]}")
        if self.child.poll() is not None:
            raise RuntimeError(f"{self.command[0]} ended with {self.child.returncode}")

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        # Whom it had started is gone a moment later.
        peers.wait_for(lambda: not self.ready(), f"the end of {self.command[0]}")


def on_socket(command, path, **more):
    path = str(path)
    return Broker(command, path, lambda: peers.accepts(path), **more)


def jobd(place):
    (place / "data").mkdir()
    (place / "jobd.toml").write_text('[queues.default]\nwidth = 64\n[pipelines.elsewhere]\nwork = "workers"\n')
    path = place / "jobd.sock"
    return on_socket([peers.JOBD, "serve", "--config", place / "jobd.toml"], path, env={
        **os.environ, "JOBD_STORAGE_DIRECTORY": f"{place}/data", "JOBD_CONTROL_SOCKET": str(path),
        "JOBD_FRONT_SOCKET": f"{place}/fastcgi.sock"})


def redis(*words):
    """As Debian has it: a snapshot after a minute with 10,000 changes, and no log."""
    def make(place):
        path = place / "redis.sock"
        return on_socket(["redis-server", "--port", 0, "--unixsocket", path, "--dir", place, *words], path)
    return make


def beanstalkd(*words):
    def make(place):
        path = place / "beanstalkd.sock"
        log = ["-b", place, *words] if words else []
        return on_socket(["beanstalkd", "-l", f"unix:{path}", *log], path)
    return make


def gearmand(*words):
    def make(place):
        port = peers.free_port()
        log = [word.format(place=place) for word in words]
        return Broker(
            ["gearmand", "--listen", "127.0.0.1", "--port", port, "--log-file", place / "log", *log],
            f"127.0.0.1:{port}", lambda: peers.accepts(("127.0.0.1", port)))
    return make


def postgresql(place):
    """As Debian has it, which syncs its log before it answers a commit."""
    programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    # It does not run as root.
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(place, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    subprocess.run(
        [*as_user, programs / "initdb", "-D", place / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8"],
        check=True, stdout=subprocess.DEVNULL)
    broker = on_socket(
        [*as_user, programs / "postgres", "-D", place / "data", "-k", place, "-h", ""], place / ".s.PGSQL.5432")
    broker.address = str(place)
    return broker


def rabbitmq(place):
    """As Debian has it, with a name server of its own, so that none is left."""
    port, names, cluster = peers.free_port(), peers.free_port(), peers.free_port()
    (place / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
    broker = Broker(
        ["sh", "-c", f"epmd -address 127.0.0.1 -port {names} & exec /usr/lib/rabbitmq/bin/rabbitmq-server"],
        f"amqp://guest:guest@127.0.0.1:{port}", lambda: peers.accepts(("127.0.0.1", port)),
        env={
            **os.environ, "HOME": str(place), "ERL_EPMD_PORT": str(names), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "benchmark@localhost", "RABBITMQ_DIST_PORT": str(cluster),
            "RABBITMQ_MNESIA_BASE": f"{place}/data", "RABBITMQ_LOG_BASE": f"{place}/log",
            "RABBITMQ_CONFIG_FILE": f"{place}/rabbitmq.conf", "RABBITMQ_ENABLED_PLUGINS_FILE": f"{place}/plugins"})
    return broker
