"""A page of old, unchanged, in a real browser."""

import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from service import CONTRACT, PATIENCE, one_step, wait_for
from test_access import restart_nginx


class Browser:
    """Chromium, asked in the words of WebDriver."""

    def __init__(self, directory):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = next(
            int(match[1]) for line in self.driver.stdout if (match := re.search(r"successfully on port (\d+)", line)))
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={directory}"]
        session = self.ask("POST", "/session", {
            "capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}})
        self.session = f"/session/{session['sessionId']}"

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, path, json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        answer = json.loads(response.read())["value"]
        connection.close()
        assert response.status == 200, answer
        return answer

    def open(self, address):
        self.ask("POST", f"{self.session}/url", {"url": address})

    def run(self, script):
        return self.ask("POST", f"{self.session}/execute/sync", {"script": script, "args": []})

    def type(self, selector, text):
        element = self.ask("POST", f"{self.session}/element", {"using": "css selector", "value": selector})
        [reference] = element.values()
        self.ask("POST", f"{self.session}/element/{reference}/value", {"text": text})

    def close(self):
        self.ask("DELETE", self.session)
        self.driver.terminate()
        self.driver.wait(PATIENCE)
        self.driver.stdout.close()


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path / "profile")
    yield browser
    browser.close()


def test_an_old_page_runs_unchanged_while_everything_is_restarted(start, browser, tmp_path):
    os.mkfifo(tmp_path / "go")
    jobd = start(one_step(f'run = ["cat", "{tmp_path}/go"]'))
    page = pathlib.Path(__file__).with_name("old-page.html")
    shutil.copy(page, jobd.directory / "old-page.html")
    site = jobd.directory / "nginx/jobd_site"
    text = site.read_text().replace("    location / {", f"""    location = /old-page.html {{
        root {jobd.directory};
        default_type text/html;
    }}

    location / {{""", 1)
    restart_nginx(jobd, site, text)

    browser.open(f"http://127.0.0.1:{jobd.port}/old-page.html")
    browser.type("#file", str(CONTRACT))
    wait_for(lambda: browser.run("return job && job.step === 'step'"), "the step in the page")
    for part in ("serve", "fastcgi", "fastcgi", "nginx: master"):
        jobd.kill(part)
    wait_for(lambda: browser.run("return job.attempt === 2 && job.step === 'step'"), "the second attempt in the page")
    with open(tmp_path / "go", "w"):
        pass
    wait_for(lambda: browser.run("return document.title") == "completed", "the end in the page")
    assert browser.run("return document.getElementById('bar').value") == 100
    assert browser.run("return job") == jobd.job(browser.run("return job.jobId"))
    assert "Job not found" not in browser.run("return errors")
    versions = [state[2] for state in browser.run("return seen")]
    assert versions == sorted(versions)
