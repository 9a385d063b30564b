"""The way from a browser to a service, which can be slow, broken or silent."""

import contextlib
import socket
import threading
import time

BYTES = 16 * 1024


class Line:
    def __init__(self, port):
        """`port`: where the service is; the browser asks `self.port`."""
        self.target, self.ends, self.lock = port, [], threading.Lock()
        self.bytes_per_second, self.is_silent = None, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                with self.lock:
                    self.ends += [near, far]
                threading.Thread(target=self.carry, args=[near, far, True], daemon=True).start()
                threading.Thread(target=self.carry, args=[far, near, False], daemon=True).start()

    def carry(self, source, sink, is_upward):
        with contextlib.suppress(OSError):
            while data := source.recv(BYTES):
                while self.is_silent:
                    time.sleep(0.05)
                if is_upward and self.bytes_per_second:
                    time.sleep(len(data) / self.bytes_per_second)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def break_off(self):
        """Ends all connections, and takes none."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.end_all()

    def silence(self):
        """Nothing comes through any more, and nobody is told."""
        self.is_silent = True

    def mend(self):
        """As in the beginning; what was silent is found broken."""
        if self.is_silent:
            self.end_all()
            self.is_silent = False
        if self.listener.fileno() < 0:
            self.listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def end_all(self):
        with self.lock:
            ends, self.ends = self.ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
