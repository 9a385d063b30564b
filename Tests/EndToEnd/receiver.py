"""A receiver of webhooks: it checks each message with the library that its users have, and remembers what came."""

import http.server
import pathlib
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where Tests/run.sh puts what Debian does not have.
sys.path.append(str(ROOT / ".build/python"))

try:
    from standardwebhooks import Webhook
except ImportError:
    raise ImportError("standardwebhooks is missing: sh Tests/run.sh installs it in .build/python") from None


class Receiver:
    """Listens on 127.0.0.1; `answers` has the statuses of the next answers, 204 when it is empty."""

    def __init__(self, secret, port=0):
        self.webhook = Webhook(secret)
        self.messages = []
        self.refused = []
        self.answers = []
        self.changed = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(self, body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook?from=jobd"

    def take(self, handler, body):
        with self.changed:
            status = self.answers.pop(0) if self.answers else 204
            try:
                content = self.webhook.verify(body, dict(handler.headers))
            except Exception as error:
                status = 400
                self.refused.append(repr(error))
            else:
                if status == 204:
                    self.messages.append((handler.headers["webhook-id"], content))
            self.changed.notify_all()
        handler.send_response(status)
        if status == 302:
            handler.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
        if status != 204:
            handler.send_header("Content-Length", "0")
            # The next try is the test's.
            handler.send_header("Retry-After", "3600")
        handler.end_headers()

    def wait(self, count, seconds=60):
        """The first messages that came, when there are so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.messages) >= count, seconds), (self.messages, self.refused)
            return self.messages[:count]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
