"""A page that gives its own name to this machine: for the browser, the service is the page's own site."""

import pytest

from browser import Chromium
from service import PATIENCE

NAME = "evil.example.com"

# What such a page can try: everything that a page of the service may do. Gives what it got, as text.
ATTEMPTS = """
    const done = arguments[arguments.length - 1];
    const secret = arguments[0];
    const got = [];
    async function attempt(method, path, body) {
        const headers = body === undefined ? {} : {"Content-Type": "application/json"};
        try {
            const answer = await fetch(path, {method, body, headers, signal: AbortSignal.timeout(30000)});
            // A stream does not end.
            const reader = answer.body.getReader();
            const {value} = await reader.read();
            reader.cancel();
            got.push([`${method} ${path}`, answer.status, new TextDecoder().decode(value ?? new Uint8Array())]);
        } catch (error) {
            got.push([`${method} ${path}`, 0, String(error)]);
        }
    }
    function listen(path) {
        return new Promise((resolve) => {
            const source = new EventSource(path);
            const end = (text) => { source.close(); got.push([`stream ${path}`, 0, text]); resolve(); };
            for (const name of ["open", "message", "job", "progress", "jobs"]) source.addEventListener(name, (event) => end(`${name} ${event.data}`));
            source.onerror = () => end("error");
            setTimeout(() => end("nothing"), 30000);
        });
    }
    function load(name, path) {
        return new Promise((resolve) => {
            const element = document.createElement(name);
            const end = (text) => { got.push([`${name} ${path}`, 0, text]); resolve(); };
            element.onload = () => end(name === "iframe" ? element.contentDocument?.body?.textContent ?? "" : "loaded");
            element.onerror = () => end("error");
            setTimeout(() => end("nothing"), 30000);
            element.src = path;
            document.documentElement.append(element);
        });
    }
    (async () => {
        for (const path of ["/api/jobs", `/api/jobs/${secret}`, "/api/jobs?q=secret", `/api/jobs/${secret}/logs`, "/api/jobd/session", "/api/queues",
            "/api/stats", "/metrics", "/api/openapi.json", `/api/jobs/stream?ids=${secret}`, "/api/jobs/stream", "/jobs/", "/jobd/jobd-client.js", "/"])
            await attempt("GET", path);
        await attempt("POST", "/api/jobs", JSON.stringify({jobId: "by-a-stranger"}));
        await attempt("POST", "/api/files", "x");
        await attempt("PATCH", `/api/jobs/${secret}`, JSON.stringify({message: "by a stranger"}));
        await attempt("POST", `/api/jobs/${secret}/cancel`, "{}");
        await attempt("POST", "/api/queues/default/pause", "{}");
        await attempt("DELETE", `/api/jobs/${secret}`);
        await Promise.all([listen(`/api/jobs/${secret}/stream`), listen("/api/jobs/stream"), load("iframe", `/api/jobs/${secret}`), load("iframe", "/jobs/"),
            load("script", "/jobd/jobd-client.js")]);
    })().then(() => done(got), (error) => done([["page", 0, String(error)]]));
"""


@pytest.fixture
def visit(tmp_path):
    """Opens a page of a name that is this machine's, and has it try everything."""
    browser = Chromium(tmp_path / "profile", more=[f"--host-resolver-rules=MAP {NAME} 127.0.0.1"])
    browser.set_script_timeout(PATIENCE)

    def visit(name, port, secret):
        # The page's own script is not bound by what the service says of pages.
        browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        browser.get(f"http://{name}:{port}/")
        assert browser.run("return location.origin") == f"http://{name}:{port}"
        return browser.execute_async_script(ATTEMPTS, secret)

    yield visit
    browser.quit()


def test_a_page_that_rebinds_its_name_gets_nothing(start, visit):
    jobd = start()
    job = jobd.post("/api/jobs", {"jobId": "secret-7", "jobType": "import", "message": "A secret message", "metadata": {"a": "secret"}})
    assert job.status == 201
    got = visit(NAME, jobd.port, "secret-7")
    assert len(got) == 25, got
    for request, status, text in got:
        # Files included, which are the same on every machine.
        assert status in (0, 421), (request, status, text)
        assert "<!doctype" not in text.lower() and text != "loaded", (request, text)
        assert "A secret message" not in text and '"secret"' not in text, (request, text)
        if request.startswith("stream"):
            assert text in ("error", "nothing"), (request, text)
    assert jobd.get("/api/jobs/secret-7").json == job.json
    assert jobd.get("/api/jobs").json["jobs"][0]["jobId"] == "secret-7" and len(jobd.get("/api/jobs").json["jobs"]) == 1
    assert not any(queue["paused"] for queue in jobd.get("/api/queues").json["queues"])
    # A name of its own gets all of it: the page asks what can be had.
    own = {request: (status, text) for request, status, text in visit("localhost", jobd.port, "secret-7")}
    assert own["GET /api/jobs"][0] == 200 and "A secret message" in own["GET /api/jobs"][1]
    assert own["POST /api/jobs"][0] == 201
    assert own["script /jobd/jobd-client.js"][1] == "loaded" and "<!doctype" in own["GET /jobs/"][1].lower()
