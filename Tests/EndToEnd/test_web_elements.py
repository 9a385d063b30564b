"""The elements and the demo page in a real browser."""

import pytest

from breaks import WATCH, Steered
from browser import browser, of_chromium  # noqa: F401
from service import CONTRACT, wait_for


def page_with(jobd, body, name="page.html"):
    """A page of an application, under the strict policy."""
    (jobd.directory / "web/demo" / name).write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title><link rel="icon" href="icon.svg">'
        '<script type="module" src="/jobd/job-status.js"></script><script type="module" src="/jobd/job-upload.js"></script>'
        f"<main>{body}</main>")
    return f"/demo/{name}"


def shadow_text(browser, selector):
    return browser.run("return document.querySelector(arguments[0]).shadowRoot.textContent", selector)


def choose(browser, *paths):
    browser.inside("job-upload", "input").send_keys("\n".join(map(str, paths)))


def test_a_contract_is_uploaded_followed_and_read(jobd, browser):
    browser.open(jobd, "/")
    browser.run(WATCH)
    browser.picture("demo-before")
    choose(browser, CONTRACT)
    browser.wait("return document.querySelectorAll('.previews img').length === 5", "the previews")
    updates = browser.run("return updates")
    bar = [update["progress"] for update in updates]
    assert bar == sorted(bar) and bar[0] == 0 and bar[-1] == 100
    assert {"upload", "end"} <= {update["phase"] for update in updates}
    browser.wait("return document.querySelector('.text').textContent.startsWith('Contract, page 1 of 10')", "the text")
    browser.wait("return [...document.images].every((image) => image.complete && image.naturalWidth > 0)", "the pictures")
    assert "10 pages, 3,550 words" in browser.run("return document.querySelector('.facts').textContent")
    assert jobd.job(updates[-1]["jobId"])["status"] == "completed"
    browser.picture("demo-light")
    browser.prefer("dark")
    browser.picture("demo-dark")
    browser.resize(400, 900)
    browser.picture("demo-narrow")
    assert browser.console() == [] and browser.uncaught() == []


def test_a_reload_shows_the_jobs_again(jobd, browser):
    names = """return [...document.querySelector('job-upload').shadowRoot.querySelectorAll('.job')]
        .map((job) => `${job.querySelector('.name').textContent} ${job.dataset.state}`)"""
    browser.open(jobd, page_with(jobd, '<job-upload remember="contracts"></job-upload>', "remember.html"))
    choose(browser, CONTRACT)
    wait_for(lambda: browser.run(names) == [f"{CONTRACT.name} completed"], "the end of the job")
    browser.refresh()
    wait_for(lambda: browser.run(names) == [f"{CONTRACT.name} completed"], "the job after the reload")
    browser.run("document.querySelector('job-upload').shadowRoot.querySelector('[part~=remove]').click()")
    browser.refresh()
    assert browser.run(names) == []
    assert browser.uncaught() == []


def test_fifty_elements_and_a_second_tab_share_one_stream(jobd, browser):
    ids = [f"fifty-{number}" for number in range(50)]
    for job_id in ids:
        jobd.post("/api/jobs", {"jobId": job_id, "jobType": "import", "message": "Counting"})
    path = page_with(jobd, "".join(f'<job-status job-id="{job_id}"></job-status>' for job_id in ids), "fifty.html")
    pending = """return [...document.querySelectorAll('job-status')]
        .filter((element) => element.job?.status === arguments[0]).length === 50"""
    browser.open(jobd, path)
    browser.wait(pending, "all of them", "pending")
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    browser.open(jobd, path)
    browser.wait(pending, "all of them in the second tab", "pending")
    # The fronts tell of their streams at most once a second.
    wait_for(lambda: jobd.get("/api/stats").json["streams"] == 1, "one stream")
    for job_id in ids:
        assert jobd.request("PATCH", f"/api/jobs/{job_id}", {"status": "processing", "progress": 50}).status == 200
    assert jobd.get("/api/stats").json["streams"] == 1
    browser.wait(pending, "all of them running", "processing")
    for job_id in ids:
        jobd.request("PATCH", f"/api/jobs/{job_id}", {"status": "completed", "result": {}})
    for tab in (browser.current_window_handle, first):
        browser.switch_to.window(tab)
        browser.wait(pending, "the end of all", "completed")
        assert browser.uncaught() == [] and browser.console() == []
    browser.picture("fifty")
    wait_for(lambda: jobd.get("/api/stats").json["streams"] == 0, "no stream, because nothing is followed")


def test_a_job_is_cancelled_and_tried_again(start, browser, tmp_path):
    steered = Steered(start, tmp_path)
    jobd = steered.jobd
    jobd.process(b"text", "steered")
    browser.open(jobd, page_with(jobd, '<job-status job-id="steered"></job-status>'))
    steered.go(40)
    browser.wait("return document.querySelector('job-status').job?.progress === 40", "progress")
    browser.picture("status-running")
    # Between the words that came later than the element.
    dots = browser.run("""
        const words = document.querySelector('job-status').shadowRoot.querySelectorAll('.news:not([hidden])');
        return [...words].map((news) => getComputedStyle(news, '::before').content);
    """)
    assert dots and all("\u00b7" in dot for dot in dots), dots
    browser.inside("job-status", "[part~=cancel]").click()
    browser.wait("return document.querySelector('job-status').job.status === 'cancelled'", "the end")
    assert jobd.job("steered")["status"] == "cancelled"
    # Whoever pressed the button is still in the job, not at the beginning of the page.
    assert browser.run("return document.querySelector('job-status').shadowRoot.activeElement?.className") == "job"
    steered.go(70)
    browser.inside("job-status", "[part~=retry]").click()
    browser.wait("return document.querySelector('job-status').job.progress === 70", "the second run")
    steered.go(100)
    browser.wait("return document.querySelector('job-status').job.status === 'completed'", "the end")
    assert "Completed" in shadow_text(browser, "job-status")
    assert browser.uncaught() == [] and browser.console() == []


# Notes what people see of a file, and answers what starts its job as if the service had refused it.
FAILING = """
    window.seen = [];
    window.failures = 2;
    window.asked = [];
    const root = document.querySelector('job-upload').shadowRoot;
    const note = () => {
        const job = root.querySelector('.job');
        const words = job && `${job.querySelector('.name').textContent}: ${job.querySelector('.state').textContent}`;
        if (words && words !== seen.at(-1)) seen.push(words);
    };
    new MutationObserver(note).observe(root, { subtree: true, childList: true, characterData: true });
    const original = window.fetch;
    window.fetch = (url, options) => {
        if (!String(url).endsWith('/api/file-manager/process')) return original(url, options);
        asked.push(JSON.parse(options.body));
        if (failures === 0) return original(url, options);
        // Firefox runs scripts of tests in a sandbox, where a bare name would be the sandbox's own.
        window.failures -= 1;
        const problem = { type: 'about:blank', title: 'Forbidden', status: 403, code: 'forbidden', detail: 'Not now.' };
        return Promise.resolve(new Response(JSON.stringify(problem), { status: 403, headers: { 'Content-Type': 'application/problem+json' } }));
    };
"""


def test_what_was_sent_and_not_begun_is_begun_by_trying_again(jobd, browser, tmp_path):
    file = tmp_path / "the letter.txt"
    file.write_text("A letter that is sent once.")
    before = jobd.get("/api/stats").json["storage"]["files"]
    browser.open(jobd, page_with(jobd, "<job-upload></job-upload>", "again.html"))
    browser.run(FAILING)
    choose(browser, file)
    state = "return document.querySelector('job-upload').shadowRoot.querySelector('.job').dataset.state === arguments[0]"
    for left in (1, 0):
        browser.wait("return failures === arguments[0]", "a failure", left)
        browser.wait(state, "the failure", "error")
        browser.inside("job-upload", "[part~=retry]").click()
    browser.wait(state, "the end of the job", "completed")
    # The same file and the same job each time, and the file was sent once.
    asked = browser.run("return asked")
    assert len(asked) == 3 and asked[0] == asked[1] == asked[2], asked
    assert jobd.get("/api/stats").json["storage"]["files"] == before + 1
    # It has the name that people know all the while, and waits for nothing that they would have to bring.
    seen = browser.run("return seen")
    assert all(words.startswith("the letter.txt: ") and "Waiting for its files" not in words for words in seen), seen
    assert seen[-1] == "the letter.txt: Completed" and "the letter.txt: Failed" in seen, seen
    assert browser.uncaught() == []


def test_several_files_one_bar_each(jobd, browser, tmp_path):
    files = [tmp_path / f"letter {number}.txt" for number in range(5)]
    for file in files:
        file.write_text(f"This is {file.name}.")
    browser.open(jobd, "/")
    browser.run(WATCH)
    choose(browser, *files)
    browser.wait("return updates.filter(({ phase }) => phase === 'end').length === 5", "all ends")
    shown = browser.run("""return [...document.querySelector('job-upload').shadowRoot.querySelectorAll('li > .job')]
        .map((job) => [job.querySelector('.name').textContent, job.dataset.state])""")
    assert shown == [[file.name, "completed"] for file in files]
    browser.picture("several")
    assert browser.console() == [] and browser.uncaught() == []


@pytest.mark.parametrize("settings, status, words", [
    ("[front]\nmaxUploadBytes = 1000\n", 413, "smaller"),
    ("[storage]\nminimumFreeBytes = 9007199254740991\n", 507, "no room"),
])
def test_a_refused_file_is_a_sentence_that_says_what_to_do(start, browser, settings, status, words):
    jobd = start(settings)
    assert jobd.post("/api/files?name=a", CONTRACT.read_bytes()).status == status
    browser.open(jobd, "/")
    choose(browser, CONTRACT)
    browser.wait("return document.querySelector('job-upload').shadowRoot.querySelector('.error').textContent", "the sentence")
    assert words in browser.run("return document.querySelector('job-upload').shadowRoot.querySelector('.error').textContent")
    # Whoever does not see it hears it.
    said = browser.run("return document.querySelector('job-upload').shadowRoot.querySelector('.job [role=status]').textContent")
    assert said.startswith("contract.pdf: Failed. ") and words in said, said
    assert browser.inside("job-upload", "[part~=retry]").is_displayed()
    browser.picture(f"refused-{status}")
    assert browser.uncaught() == []


def test_names_and_messages_with_markup_are_text(jobd, browser, tmp_path):
    name = "<img src=x onerror=alert(1)>.txt"
    file = tmp_path / name
    file.write_text("<script>alert(2)</script>")
    browser.open(jobd, "/")
    choose(browser, file)
    browser.wait("return document.querySelector('.result')", "the result")
    assert name in shadow_text(browser, "job-upload") and name in browser.run("return document.querySelector('.result').textContent")
    jobd.post("/api/jobs", {"jobId": "markup", "jobType": "import", "message": "<b onclick=alert(3)>bold</b>"})
    browser.open(jobd, page_with(jobd, '<job-status job-id="markup"></job-status>', "markup.html"))
    browser.wait("return document.querySelector('job-status').job", "the job")
    assert "<b onclick=alert(3)>bold</b>" in shadow_text(browser, "job-status")
    assert not browser.run("return document.querySelector('job-status').shadowRoot.querySelector('b, img')")
    assert browser.console() == []


def test_a_job_that_never_comes_is_said_to_be_none_and_one_that_comes_late_is_shown(jobd, browser):
    browser.open(jobd, page_with(jobd, "<p>One that comes late, one that never comes</p>"))
    # The page itself makes the job: its clock decides when an element has waited long enough.
    browser.run("""
        for (const id of ["late", "never"]) {
            const element = document.createElement("job-status");
            Object.assign(element, { id, jobId: id });
            document.querySelector("main").append(element);
        }
        const create = () => fetch("/api/jobs", {
            method: "POST", headers: { "content-type": "application/json" },
            body: JSON.stringify({ jobId: "late", jobType: "import" }),
        });
        setTimeout(() => {
            window.shownBefore = document.querySelector("#late").shadowRoot.textContent;
            create();
        }, 500);""")
    browser.wait("return document.querySelector('#late').job?.status === 'pending'", "the late job")
    assert "no such job" not in browser.run("return shownBefore")
    browser.wait("return document.querySelector('#never').shadowRoot.querySelector('.error').textContent", "the error")
    assert "no such job" in shadow_text(browser, "#never")
    browser.picture("never")


def test_what_the_elements_say_to_those_who_do_not_see_them(start, browser, tmp_path):
    steered = Steered(start, tmp_path)
    jobd = steered.jobd
    steered.go(40)
    jobd.process(b"text", "steered")
    browser.open(jobd, page_with(jobd, "<job-upload></job-upload><job-status job-id='steered'></job-status>"))
    browser.wait("return document.querySelector('job-status').job?.progress === 40", "progress")
    nodes = browser.accessible()
    bar = next(properties for role, name, properties in nodes if role == "progressbar" and name == "Progress of contract.pdf")
    assert (bar["valuemin"], bar["valuemax"]) == (0, 100) and bar["value"] in (40, "40")
    # The browser's own protocol leaves this one out.
    assert browser.inside("job-status", "[role=progressbar]").get_attribute("aria-valuetext") == "40%, Processing, Step"
    names = {(role, name) for role, name, _ in nodes}
    assert {("group", "contract.pdf"), ("button", "Cancel contract.pdf")} <= names
    assert any("Choose files" in name for role, name, _ in nodes if role in ("button", "LabelText"))
    # What is read aloud: the name and the state, not the steps of the bar.
    said = "return document.querySelector('job-status').shadowRoot.querySelector('[role=status]').textContent"
    assert browser.run(said) == "contract.pdf: Processing"
    steered.go(60)
    browser.wait("return document.querySelector('job-status').job.progress === 60", "progress")
    assert browser.run(said) == "contract.pdf: Processing"
    focus = [browser.tab(), browser.tab()]
    assert "Choose files" in focus[0] and focus[1] == "Cancel contract.pdf"
    steered.go(100)
    browser.wait("return document.querySelector('job-status').job.status === 'completed'", "the end")
    assert browser.run(said) == "contract.pdf: Completed"


@of_chromium
@pytest.mark.parametrize("worker", ["delete window.SharedWorker;", "window.SharedWorker = class { port = { postMessage() {} } };"])
def test_a_page_without_a_worker_does_it_alone(start, browser, tmp_path, worker):
    """A browser that has none, and one whose worker never answers; the network goes and comes back meanwhile."""
    steered = Steered(start, tmp_path)
    jobd = steered.jobd
    jobd.process(b"text", "steered")
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": worker})
    browser.open(jobd, page_with(jobd, '<job-status job-id="steered"></job-status>'))
    steered.go(40)
    browser.wait("return document.querySelector('job-status').job?.progress === 40", "progress")
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": True, **offline})
    steered.go(100)
    assert jobd.wait("steered")["status"] == "completed"
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, **offline})
    browser.wait("return document.querySelector('job-status').job.status === 'completed'", "the end")
    assert browser.uncaught() == []


def test_other_directions_languages_and_texts(jobd, browser):
    jobd.post("/api/jobs", {"jobId": "words", "jobType": "import"})
    jobd.request("PATCH", "/api/jobs/words", {"status": "processing", "progress": 25, "step": "read-rows"})
    browser.open(jobd, page_with(jobd, '<div dir="rtl" lang="ar"><job-status job-id="words"></job-status></div>'))
    browser.run("document.querySelector('job-status').texts = { processing: 'قيد المعالجة', steps: { 'read-rows': 'قراءة' } }")
    browser.wait("return document.querySelector('job-status').job", "the job")
    text = shadow_text(browser, "job-status")
    assert "قيد المعالجة" in text and "قراءة" in text
    # At one moment, because the bar may be moving.
    assert browser.run("""
        const { shadowRoot } = document.querySelector("job-status");
        const [bar, fill] = ["bar", "fill"].map((part) => shadowRoot.querySelector(`[part=${part}]`).getBoundingClientRect());
        return Math.abs(fill.right - bar.right) < 1 && fill.left > bar.left;
    """)
    browser.picture("right-to-left")
    browser.run("document.querySelector('job-status').style.setProperty('--jobd-accent', 'rgb(1, 2, 3)')")
    assert browser.run("""return getComputedStyle(document.querySelector('job-status').shadowRoot.querySelector('.fill'))
        .backgroundColor""") == "rgb(1, 2, 3)"
