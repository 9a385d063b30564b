"""The places of the dashboard beside its list of jobs: schedules, batches, workers, why a job waits, and changes of many."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import browser  # noqa: F401
from service import wait_for

CONFIGURATION = """
[queues.one]
width = 1
[queues.video]
width = 4
[pipelines.sleep]
queue = "one"
[[pipelines.sleep.steps]]
name = "sleep"
run = ["sh", "-c", "exec sleep 1000"]
[pipelines.quick]
[[pipelines.quick.steps]]
name = "quick"
run = ["true"]
[pipelines.encode]
queue = "video"
work = "workers"
[schedules.nightly]
cron = "0 2 * * *"
timeZone = "Europe/Berlin"
jobType = "quick"
overlap = false
"""
STATUS = "return document.querySelector('.job-page .badge')?.textContent"
CARDS = "return [...document.querySelectorAll('.card')].map((card) => card.innerText)"
TEXT = "return document.querySelector('main').innerText"
NOTICES = "return document.getElementById('notices').textContent"


def click(browser, selector):
    browser.find_element(By.CSS_SELECTOR, selector).click()


def says(browser, script, *words):
    def look():
        text = str(browser.run(script))
        return all(word in text for word in words)

    wait_for(look, f"{words}, not {browser.run(script)}")


def create(jobd, job_id, job_type="quick", **fields):
    answer = jobd.post("/api/jobs", {"jobId": job_id, "jobType": job_type, "fileIds": [], **fields})
    assert answer.status == 201, answer
    return answer.json


def is_clean(browser):
    return browser.uncaught() == [] and browser.console() == []


def test_schedules_say_when_and_make_a_job_now(start, browser):
    jobd = start(CONFIGURATION)
    # At an hour of its own, it makes no job during the test.
    plan = {"cron": "0 3 1 1 *", "jobType": "quick"}
    assert jobd.request("PUT", "/api/jobd/schedules/own", plan).status == 200
    browser.open(jobd, "/jobs/")
    browser.link("Schedules").click()
    says(browser, CARDS, "nightly", "0 2 * * *", "Europe/Berlin", "not while its last job has not ended", "0 3 1 1 *", "UTC")
    assert browser.current_url.endswith("/jobs/?view=schedules")
    assert browser.run("return document.activeElement.textContent") == "Schedules"
    assert browser.run("return document.querySelectorAll('.card:first-child .next li').length") == 5
    assert browser.run("return document.querySelector('#nav [aria-current]').textContent") == "Schedules"
    # What the configuration made is not removed here.
    shown = "return [...document.querySelectorAll('.card button')].filter((b) => b.offsetParent).map((b) => b.getAttribute('aria-label'))"
    assert browser.run(shown) == ["Run nightly now", "Run own now", "Remove the schedule own"]
    click(browser, "button[aria-label='Run own now']")
    wait_for(lambda: browser.run(STATUS) == "Completed", "the page of its job")
    [job] = [job for job in jobd.get("/api/jobs").json["jobs"] if job["schedule"] == "own"]
    assert job["jobId"] in browser.current_url.replace("%3A", ":")
    browser.link("own").click()
    says(browser, CARDS, job["jobId"])
    click(browser, "button[aria-label='Remove the schedule own']")
    click(browser, "dialog button")
    assert len(jobd.get("/api/jobd/schedules").json["schedules"]) == 2
    click(browser, "button[aria-label='Remove the schedule own']")
    click(browser, "dialog .danger")
    wait_for(lambda: browser.run(shown) == ["Run nightly now"], "its end")
    assert is_clean(browser)


def test_batches_are_found_followed_and_cancelled(start, browser):
    jobd = start(CONFIGURATION)
    jobs = [{"jobId": f"part-{number}", "jobType": "import"} for number in range(4)]
    then = {"jobId": "merge", "jobType": "quick", "fileIds": []}
    body = {"batchId": "b:1", "jobs": jobs, "metadata": {"note": "<i>"}, "then": then}
    assert jobd.post("/api/batches", body).status == 201
    browser.open(jobd, "/jobs/?view=batches")
    says(browser, CARDS, "b:1", "Open", "4 pending")
    for number in range(2):
        assert jobd.request("PATCH", f"/api/jobs/part-{number}", {"status": "completed"}).status == 200
    says(browser, CARDS, "2 pending", "2 completed")
    browser.link("b:1").click()
    says(browser, TEXT, "2 pending", "part-3", "merge", '"<i>"')
    browser.picture("batch")
    failure = {"status": "failed", "error": {"code": "bad", "message": "Row <b>3</b> is none."}}
    assert jobd.request("PATCH", "/api/jobs/part-2", failure).status == 200
    says(browser, TEXT, "1 failed", "Row <b>3</b> is none.")
    click(browser, "button[name=cancel]")
    assert "not ended" in browser.find_element(By.TAG_NAME, "dialog").text
    click(browser, "dialog .danger")
    wait_for(lambda: browser.run(STATUS) == "Failed", "its end")
    assert jobd.wait("merge")["metadata"]["batch"]["counts"]["cancelled"] == 1
    # One that is old is opened by its id, and what does not exist says so.
    browser.open(jobd, "/jobs/?view=batches")
    browser.type("input[name=batch]", "b:2" + Keys.ENTER)
    says(browser, TEXT, "b:2")
    wait_for(lambda: "There is no batch b:2." in browser.run(TEXT), "the sentence")
    assert browser.uncaught() == []
    assert not browser.run("return [...document.querySelectorAll('.columns')].some((element) => element.offsetParent)")


def test_workers_are_seen_by_what_they_hold(start, browser):
    jobd = start(CONFIGURATION)
    browser.open(jobd, "/jobs/?view=workers")
    says(browser, TEXT, "No worker runs a job now.")
    create(jobd, "clip-1", "encode")
    create(jobd, "clip-2", "encode")
    ask = {"queues": ["video"], "worker": "<b>w 1</b>", "waitSeconds": 10, "leaseSeconds": 600}
    [one] = jobd.post("/api/jobd/work/claim", {**ask, "count": 1}).json["jobs"]
    says(browser, CARDS, "<b>w 1</b>", "1 job", "clip-1", "lease ends in")
    jobd.post("/api/jobs", {"jobId": "own", "jobType": "import"})
    jobd.request("PATCH", "/api/jobs/own", {"status": "processing", "progress": 30})
    says(browser, CARDS, "The application", "own", "30 %")
    browser.link("clip-1").click()
    says(browser, TEXT, "worker <b>w 1</b>", "Lease ends")
    browser.back()
    says(browser, CARDS, "clip-1")
    done = {"jobId": "clip-1", "token": one["lease"]["token"]}
    assert jobd.post("/api/jobd/work/complete", done).status == 200
    wait_for(lambda: "clip-1" not in str(browser.run(CARDS)), "the end")
    assert is_clean(browser)


def test_a_jobs_page_says_why_it_waits_and_with_whom_it_goes(start, browser):
    jobd = start(CONFIGURATION)
    create(jobd, "first", "sleep")
    jobd.get("/api/jobs/first?wait=10&since=1")
    for name in ("second", "third"):
        create(jobd, name, "sleep", limitKey="customer-7", dedupeKey=f"order-{name}")
    create(jobd, "last", after=["second", "third"])
    browser.open(jobd, "/jobs/?job=third")
    says(browser, TEXT, "Why it waits", "All slots of the queue one are in use.", "1 job of its queue is before it.", "customer-7", "order-third")
    assert browser.run("return document.querySelector('.waiting .by').textContent") == "Waits for first"
    jobd.post("/api/jobs/second/cancel")
    says(browser, TEXT, "It is the next of its queue.")
    jobd.post("/api/queues/one/pause")
    says(browser, TEXT, "The queue one is paused.")
    browser.open(jobd, "/jobs/?job=last")
    # It waited for one that was cancelled.
    wait_for(lambda: browser.run(STATUS) == "Failed", "the end")
    assert not browser.run("return document.querySelector('.waiting').offsetParent")
    browser.link("third").click()
    says(browser, TEXT, "The queue one is paused.")
    jobd.post("/api/jobs/first/cancel")
    jobd.post("/api/queues/one/resume")
    wait_for(lambda: browser.run(STATUS) == "Processing", "its start")
    assert not browser.run("return document.querySelector('.waiting').offsetParent")
    browser.open(jobd, "/jobs/?job=nobody")
    browser.wait("return !['', 'Loading…'].includes(document.querySelector('.news').textContent)", "the sentence")
    assert not browser.run("return document.querySelector('.columns').offsetParent"), "boxes with nothing in them"
    assert browser.uncaught() == []


def test_many_jobs_are_counted_first_and_changed_then(start, browser):
    jobd = start(CONFIGURATION)
    for number in range(25):
        jobd.post("/api/jobs", {"jobId": f"a-{number}", "jobType": "import"})
    jobd.post("/api/jobs", {"jobId": "other", "jobType": "mail"})

    def counts():
        return jobd.get("/api/stats").json["counts"]

    browser.open(jobd, "/jobs/?type=import")
    says(browser, "return document.querySelector('.note').textContent", "25 jobs")

    def ask(action):
        """Presses a button, and gives the question that comes once the jobs are counted."""
        click(browser, f".bulk [name={action}]")
        browser.wait("return document.querySelector('dialog')?.open", "the question")
        return browser.find_element(By.TAG_NAME, "dialog")

    dialog = ask("cancel")
    assert "Cancel 25 jobs?" in dialog.text and "of the type import" in dialog.text
    browser.picture("bulk")
    # Whoever only presses a key changes nothing.
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait_for(lambda: not browser.find_elements(By.TAG_NAME, "dialog"), "the end of the question")
    assert counts()["pending"] == 26
    assert browser.run("return document.activeElement.name") == "cancel"
    ask("cancel")
    click(browser, "dialog .danger")
    says(browser, NOTICES, "25 jobs were cancelled.")
    assert (counts()["pending"], counts()["cancelled"]) == (1, 25)
    ask("retry")
    click(browser, "dialog button[value=yes]")
    says(browser, NOTICES, "25 jobs were retried.")
    click(browser, ".bulk [name=delete]")
    says(browser, NOTICES, "There is no job to delete.")
    click(browser, ".chip[data-status=completed]")
    assert browser.run("return [...document.querySelectorAll('.bulk button:not([hidden])')].map((b) => b.disabled)") == [True, True, False]
    assert is_clean(browser)


def test_it_says_that_nothing_starts_while_the_service_is_drained(start, browser):
    jobd = start(CONFIGURATION)
    browser.open(jobd, "/jobs/")
    trouble = "return document.querySelector('.trouble').offsetParent && document.querySelector('.trouble').textContent"
    browser.wait("return document.querySelector('.queue')", "the statistics")
    assert browser.run(trouble) is None
    jobd.jobctl("drain", check=0)
    browser.wait("return document.querySelector('.trouble').offsetParent", "the sentence")
    assert "drained" in browser.run(trouble)
    jobd.jobctl("undrain", check=0)
    wait_for(lambda: browser.run(trouble) is None, "its end")


def test_whoever_only_observes_is_offered_nothing_to_do(start, browser):
    jobd = start(CONFIGURATION)
    create(jobd, "first", "sleep")
    token = jobd.jobctl("token", "--scope", "observe", check=0).stdout.strip()
    browser.open(jobd, f"/jobs/#token={token}")
    browser.wait("return document.body.classList.contains('observer')", "who it is")
    browser.wait("return document.querySelector('.queue') && document.querySelector('.rows .row')", "the service")
    shown = "return [...document.querySelectorAll('main button')].filter((b) => b.offsetParent).map((b) => b.className)"
    assert set(browser.run(shown)) == {"chip"}
    browser.link("first").click()
    wait_for(lambda: browser.run(STATUS) == "Processing", "the job")
    assert browser.run(shown) == []


@pytest.mark.parametrize("width", [1300, 390])
def test_what_the_places_say_to_those_who_do_not_see_them(start, browser, width):
    jobd = start(CONFIGURATION)
    jobd.post("/api/batches", {"batchId": "b-1", "jobs": [{"jobId": "p-1", "jobType": "import"}]})
    create(jobd, "clip-1", "encode")
    jobd.post("/api/jobd/work/claim", {"queues": ["video"], "worker": "w 1", "waitSeconds": 10})
    create(jobd, "first", "sleep")
    create(jobd, "second", "sleep")
    browser.resize(width, 850)
    places = {
        "?view=schedules": {("heading", "Schedules"), ("list", "Schedules"), ("heading", "nightly"), ("button", "Run nightly now")},
        "?view=batches": {("heading", "Batches"), ("searchbox", "A batch's id"), ("link", "b-1"), ("progressbar", "Progress of b-1")},
        "?view=workers": {("heading", "Workers"), ("heading", "w 1"), ("link", "clip-1")},
        "?batch=b-1": {("heading", "b-1"), ("progressbar", "Progress"), ("button", "Cancel"), ("link", "p-1")},
        "?job=second": {("heading", "second"), ("heading", "Why it waits"), ("link", "first"), ("group", "Metadata")},
        "": {("navigation", "Pages"), ("group", "All jobs that match"), ("button", "Delete all…"), ("link", "second")},
    }
    for place, expected in places.items():
        browser.open(jobd, f"/jobs/{place}")

        def look():
            return {(role, name) for role, name, _ in browser.accessible()}

        wait_for(lambda: expected <= look(), f"{expected - look()} at {place}")
        nameless = [node for node in browser.accessible() if node[0] in ("button", "link", "searchbox", "combobox", "progressbar") and not node[1]]
        assert nameless == [], place
        # Nothing hangs out of the page sideways.
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), place
        for scheme in ("light", "dark"):
            browser.prefer(scheme)
            browser.picture(f"place-{place.strip('?').replace('=', '-') or 'list'}-{width}-{scheme}")
    assert is_clean(browser)
