"""Makes the pictures of README and of the article "What people see": python3 Tests/EndToEnd/pictures.py [FOLDER]

Each is what a page shows in a situation that is brought about here, with the executable, nginx and Chromium as the tests have them.
NAME~dark.png is the same for readers who prefer dark pages.
"""

import base64
import os
import pathlib
import signal
import sys
import tempfile

from browser import Browser
from service import CONTRACT, ROOT, Service, suspend

FOLDER = ROOT / "Sources/jobd/jobd.docc/Pictures"
CONFIGURATION = """
[queues.default]
width = 8

[queues.busy]
width = 1

[pipelines.busy]
queue = "busy"

[[pipelines.busy.steps]]
name = "convert"
run = ["sh", "-c", "sleep 600"]

[[pipelines.bar.steps]]
name = "extract-text"
run = ["sh", "-c", 'case $JOBD_FILE_NAME in contract*) echo "::progress 75 Page 9 of 12" >"$JOBD_REPORTS"; sleep 600;; esac']

[[pipelines.slow.steps]]
name = "convert"
run = ["sh", "-c", 'for n in 20 42 57; do echo "::progress $n Page $n of 100" >"$JOBD_REPORTS"; done; sleep 600']
"""
SETTLED = "return !document.querySelector('job-upload').shadowRoot.getAnimations().some((each) => each instanceof CSSTransition)"
TEXT = "return document.querySelector('job-upload').shadowRoot.textContent"


class Page:
    """One upload element in a page of a service."""

    def __init__(self, browser, service, attributes=""):
        self.browser = browser
        (service.directory / "web/demo/picture.html").write_text(f"""<!doctype html><html lang="en"><meta charset="utf-8">
            <title>Picture</title><link rel="icon" href="icon.svg"><script type="module" src="/jobd/jobd.js"></script>
            <link rel="stylesheet" href="picture.css"><job-upload {attributes}></job-upload>""")
        (service.directory / "web/demo/picture.css").write_text(
            ":root { color-scheme: light dark; background: light-dark(#ffffff, #14181d); } body { margin: 12px; }")
        browser.open(service, "/demo/picture.html")
        self.wait_for("Choose files")

    def send(self, file):
        self.browser.inside("job-upload", "input[type=file]").send_keys(str(file))

    def wait_for(self, text):
        self.browser.wait(f"{TEXT}.includes(arguments[0])", text, text)

    def picture(self, name, scale=1):
        """The element and a little around it, light and dark."""
        box = self.browser.run("""
            const { x, y, width, height } = document.querySelector("job-upload").getBoundingClientRect();
            return { x: x - 8, y: y - 8, width: width + 16, height: height + 16 };
        """)
        for scheme, mark in ("light", ""), ("dark", "~dark"):
            self.browser.prefer(scheme)
            self.browser.wait(SETTLED, "the colours")
            answer = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": {**box, "scale": scale}})
            (FOLDER / f"{name}{mark}.png").write_bytes(base64.b64decode(answer["data"]))


def network(browser, is_offline=False, bytes_per_second=-1):
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second})


def bar(browser, service):
    page = Page(browser, service, 'job-type="bar"')
    for name in "invoice.pdf", "contract.pdf":
        file = service.directory / name
        file.write_bytes(CONTRACT.read_bytes())
        page.send(file)
    page.wait_for("1 of 2 done")
    page.wait_for("Page 9")
    page.picture("bar", scale=2)


def reload(browser, service):
    page = Page(browser, service, 'remember="uploads" job-type="slow"')
    page.send(CONTRACT)
    page.wait_for("57")
    browser.refresh()
    page.wait_for("57")
    page.picture("reload")


def lost_network(browser, service):
    large = service.directory / "holiday.mp4"
    large.write_bytes(os.urandom(24 * 1024 * 1024))
    page = Page(browser, service, 'job-type="slow"')
    browser.execute_cdp_cmd("Network.enable", {})
    network(browser, bytes_per_second=4_000_000)
    page.send(large)
    page.wait_for("/s")
    network(browser, is_offline=True)
    page.wait_for("Connection lost")
    page.picture("network")
    network(browser)


def hanging_daemon(browser, service):
    page = Page(browser, service, 'job-type="slow"')
    page.send(CONTRACT)
    page.wait_for("57")
    [daemon] = service.part("serve")
    suspend(daemon)
    try:
        page.wait_for("Connection lost")
        page.picture("daemon")
    finally:
        os.kill(daemon, signal.SIGCONT)


def locked_document(browser, service):
    page = Page(browser, service)
    page.send(ROOT / "Tests/Fixtures/pdf/encrypted.pdf")
    page.wait_for("password")
    page.picture("password")


def long_queue(browser, service):
    jobs = [{"jobType": "busy", "fileIds": [service.upload(b"text")["fileId"]]} for _ in range(2)]
    assert service.post("/api/batches", {"jobs": jobs * 250}).status == 201
    page = Page(browser, service, 'job-type="busy"')
    page.send(CONTRACT)
    page.wait_for("before it")
    page.picture("queue")


def full_disk(browser, service):
    page = Page(browser, service)
    page.send(CONTRACT)
    page.wait_for("no room")
    page.picture("disk")


def main():
    FOLDER.mkdir(exist_ok=True)
    full = "[storage]\nminimumFreeBytes = 1000000000000000\n"
    for configuration, scenes in ((CONFIGURATION, (bar, reload, lost_network, hanging_daemon, locked_document, long_queue)), (full, (full_disk,))):
        service = Service(configuration)
        try:
            service.start()
            for scene in scenes:
                with tempfile.TemporaryDirectory() as profile:
                    browser = Browser(profile, width=600, height=700)
                    try:
                        scene(browser, service)
                    finally:
                        browser.quit()
        finally:
            service.discard()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        FOLDER = pathlib.Path(sys.argv[1])
    main()
