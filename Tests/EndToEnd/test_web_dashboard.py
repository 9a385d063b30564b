"""The dashboard in a real browser."""

import os
import re
import signal

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from breaks import STREAM_ANSWERS, Steered, break_streams
from browser import browser  # noqa: F401
from service import CONTRACT, one_step, suspend, wait_for

ROWS = "return [...document.querySelectorAll('.rows .row')].map((row) => row.querySelector('.name').textContent)"
STATUS = "return document.querySelector('.job-page .badge')?.textContent"


def click(browser, selector):
    browser.find_element(By.CSS_SELECTOR, selector).click()


def choose(browser, name, value):
    Select(browser.find_element(By.CSS_SELECTOR, f"select[aria-label={name}]")).select_by_value(value)


def wait_for_rows(browser, *names):
    wait_for(lambda: browser.run(ROWS) == list(names), f"the rows {names}, not {browser.run(ROWS)}")


def is_clean(browser):
    return browser.uncaught() == [] and browser.console() == []


def test_jobs_come_change_and_go_by_themselves(start, browser):
    jobd = start()
    browser.open(jobd, "/jobs/")
    browser.wait("return document.getElementById('connection').textContent === 'Live'", "the stream")
    wait_for_rows(browser)
    browser.wait("return document.querySelector('.note').textContent === 'There is no job yet. jobctl submit FILE makes the first one.'", "a word")
    jobd.post("/api/jobs", {"jobId": "one", "jobType": "import", "message": "<i>First</i>"})
    wait_for_rows(browser, "one")
    jobd.post("/api/jobs", {"jobId": "two", "jobType": "import"})
    wait_for_rows(browser, "two", "one")
    row = "return document.querySelectorAll('.rows .row')[1].querySelector('.cell{}').textContent"
    assert browser.run(row.format(".message")) == "<i>First</i>"
    jobd.request("PATCH", "/api/jobs/one", {"status": "processing", "progress": 45, "step": "read", "message": "Row 45"})
    wait_for(lambda: browser.run(row.format(".status")) == "Processing", "the state")
    wait_for(lambda: browser.run(row.format(".progress")) == "45 %", "the progress")
    assert browser.run(row.format(".message")) == "read · Row 45"
    jobd.request("PATCH", "/api/jobs/one", {"status": "failed", "error": {"code": "bad-row", "message": "Row 46 is none."}})
    wait_for(lambda: browser.run(row.format(".message")) == "Row 46 is none.", "the error")
    jobd.request("DELETE", "/api/jobs/one")
    wait_for_rows(browser, "two")
    # After a restart of everything behind the page it is the same.
    for part in ("serve", "fastcgi", "fastcgi", "nginx: master"):
        jobd.kill(part)
    wait_for(jobd.accepts, "the service")
    wait_for(lambda: jobd.post("/api/jobs", {"jobId": "three", "jobType": "import"}).status in (200, 201), "a create")
    wait_for_rows(browser, "three", "two")
    assert browser.uncaught() == []


def test_it_is_not_live_while_the_daemon_hangs(start, browser):
    jobd = start()
    browser.open(jobd, "/jobs/")
    browser.wait("return document.getElementById('connection').textContent === 'Live'", "the stream")
    [daemon, *_] = jobd.part("serve")
    suspend(daemon)
    browser.wait("return document.getElementById('connection').textContent === 'No answer'", "the word")
    os.kill(daemon, signal.SIGCONT)
    browser.wait("return document.getElementById('connection').textContent === 'Live'", "the daemon")


def test_pages_that_were_left_hold_no_connection(start, browser):
    """A browser keeps them for the way back, and has six connections for all of them."""
    jobd = start()
    for turn in range(8):
        browser.open(jobd, f"/jobs/?search={turn}")
        browser.wait("return document.getElementById('connection').textContent === 'Live'", "the stream")
    wait_for(lambda: "\njobd_streams 1\n" in jobd.get("/metrics").body.decode(), "the end of all streams but the last")
    browser.back()
    browser.wait("return document.getElementById('connection').textContent === 'Live'", "the stream of a page that came back")


@pytest.mark.parametrize("answer", ["502", "buffers"])
def test_jobs_come_without_a_stream_too(start, browser, answer):
    jobd = start()
    break_streams(jobd, STREAM_ANSWERS[answer])
    browser.open(jobd, "/jobs/")
    browser.wait("return document.getElementById('connection').textContent === 'Connecting…'", "the word")
    jobd.post("/api/jobs", {"jobId": "one", "jobType": "import"})
    wait_for_rows(browser, "one")
    assert browser.uncaught() == []


def test_filters_stand_in_the_address(start, browser):
    jobd = start("[queues.slow]\nwidth = 1\n")
    jobd.post("/api/jobs", {"jobId": "a1", "jobType": "import", "message": "Reading rows"})
    jobd.post("/api/jobs", {"jobId": "a2", "jobType": "mail", "queue": "slow"})
    jobd.post("/api/jobs", {"jobId": "b3", "jobType": "mail"})
    jobd.post("/api/jobs/a2/cancel")
    browser.open(jobd, "/jobs/")
    wait_for_rows(browser, "b3", "a2", "a1")
    click(browser, ".chip[data-status=cancelled]")
    wait_for_rows(browser, "a2")
    assert browser.current_url.endswith("/jobs/?status=cancelled")
    click(browser, ".chip[data-status=pending]")
    wait_for_rows(browser, "b3", "a2", "a1")
    browser.type("input[type=search]", "ROWS")
    # Where keys are slow, its first letters are looked for, too.
    wait_for(lambda: browser.current_url.endswith("/jobs/?status=pending%2Ccancelled&q=ROWS"), "the address")
    wait_for_rows(browser, "a1")
    # The address alone says it all; and back goes back.
    browser.open(jobd, "/jobs/?queue=slow&type=mail&status=cancelled")
    wait_for_rows(browser, "a2")
    assert browser.run("return [...document.querySelectorAll('select')].map((select) => select.value)") == ["slow", "mail", "", ""]
    assert browser.run("return document.querySelector('.chip[data-status=cancelled]').getAttribute('aria-pressed')") == "true"
    browser.link("a2").click()
    wait_for(lambda: browser.run(STATUS) == "Cancelled", "the job's page")
    browser.back()
    wait_for_rows(browser, "a2")
    assert browser.current_url.endswith("/jobs/?queue=slow&type=mail&status=cancelled")
    # A time and an order, too.
    browser.open(jobd, "/jobs/")
    wait_for_rows(browser, "b3", "a2", "a1")
    choose(browser, "Order", "oldest")
    wait_for_rows(browser, "a1", "a2", "b3")
    choose(browser, "Created", "1h")
    assert browser.current_url.endswith("/jobs/?since=1h&order=oldest")
    wait_for_rows(browser, "a1", "a2", "b3")
    choose(browser, "Created", "between")
    browser.wait("return document.querySelector('[aria-label=\"Created before\"]').offsetParent", "the fields")
    browser.run("const field = document.querySelector('[aria-label=\"Created before\"]'); field.value = '2020-01-01T00:00'; field.dispatchEvent(new Event('change'))")
    browser.wait("return document.querySelector('.note').textContent === 'No jobs match.'", "an empty list")
    assert is_clean(browser)


def test_a_jobs_page_shows_everything_of_it(start, browser, tmp_path):
    jobd = start()
    done = jobd.wait(jobd.process(CONTRACT.read_bytes(), "contract", metadata={"note": "<b>bold</b>"})["jobId"])
    browser.open(jobd, "/jobs/?job=contract")
    wait_for(lambda: browser.run(STATUS) == "Completed", "the job")
    text = browser.run("return document.querySelector('main').innerText")
    for word in ("contract.pdf", "file_processing", "<b>bold</b>", "extract-text", "preview-pages", "text.txt", "application/pdf", "3550"):
        assert word in text, word
    browser.wait("return document.querySelector('.log').textContent.includes('Pages:')", "the log")
    links = browser.run("return [...document.querySelectorAll('.files a')].map((link) => link.getAttribute('href'))")
    assert len(links) == len(done["artifacts"]) and all(jobd.get(link.split(str(jobd.port))[1]).status == 200 for link in links)
    assert browser.run("return document.title") == "contract.pdf – jobd"
    browser.picture("job-light")
    browser.prefer("dark")
    browser.picture("job-dark")
    assert is_clean(browser)


def test_a_running_job_is_watched_cancelled_retried_and_deleted(start, browser, tmp_path):
    steered = Steered(start, tmp_path)
    jobd = steered.jobd
    jobd.process(b"text", "steered")
    browser.open(jobd, "/jobs/?job=steered")
    steered.go(40)
    bar = "return document.querySelector('.bar').getAttribute('aria-valuenow')"
    wait_for(lambda: browser.run(bar) == "40", "the progress")
    assert "step" in browser.run("return document.querySelector('.timeline').textContent")
    click(browser, "button[name=cancel]")
    wait_for(lambda: browser.run(STATUS) == "Cancelled", "the end")
    steered.go(70)
    click(browser, "button[name=retry]")
    wait_for(lambda: browser.run(bar) == "70", "the second run")
    steered.go(100)
    wait_for(lambda: browser.run(STATUS) == "Completed", "the end")
    # What destroys is asked about, and only that.
    click(browser, "button[name=delete]")
    assert "cannot be undone" in browser.find_element(By.TAG_NAME, "dialog").text
    browser.picture("delete")
    click(browser, "dialog button")
    wait_for(lambda: not browser.find_elements(By.TAG_NAME, "dialog"), "the end of the question")
    assert jobd.get("/api/jobs/steered").status == 200
    click(browser, "button[name=delete]")
    click(browser, "dialog .danger")
    wait_for(lambda: jobd.get("/api/jobs/steered").status == 410, "the deletion")
    wait_for_rows(browser)
    assert browser.uncaught() == []


def test_a_failed_job_says_why_and_lines_come_as_they_are_written(start, browser, tmp_path):
    go = tmp_path / "go"
    script = f"echo first; echo مرحبا 12; until [ -e {go} ]; do sleep 0.02; done; echo second >&2; exit 3"
    jobd = start(one_step(f"run = ['sh', '-c', '{script}']"))
    jobd.process(b"text", "failing")
    browser.open(jobd, "/jobs/?job=failing")
    lines = "return [...document.querySelectorAll('.lines .text')].map((line) => line.textContent)"
    wait_for(lambda: browser.run(lines) == ["first", "مرحبا 12"], "the first lines")
    # Each line is read in its own direction; what runs says for how long.
    directions = "return [...document.querySelectorAll('.lines .text')].map((line) => getComputedStyle(line).direction)"
    assert browser.run(directions) == ["ltr", "rtl"]
    running = "return document.querySelector('.timeline [data-state=processing] .hint')?.textContent"
    before = browser.wait(running, "the step that runs")
    wait_for(lambda: browser.run(running) not in (None, before), "its time")
    go.touch()
    wait_for(lambda: browser.run(lines) == ["first", "مرحبا 12", "second"], "the last line")
    wait_for(lambda: browser.run(STATUS) == "Failed", "the end")
    error = browser.find_element(By.CSS_SELECTOR, ".failure").text
    assert "exit" in error and "3" in error and "step" in error
    browser.picture("failed")
    click(browser, "button[name=retry]")
    earlier = "return [...document.querySelectorAll('.job-page li .hint')].some((hint) => hint.textContent.startsWith('attempt 1, step, '))"
    browser.wait(earlier, "how the first attempt ended")
    assert is_clean(browser)


def test_queues_are_paused_and_resumed(start, browser):
    jobd = start('[queues.slow]\nwidth = 3\n[pipelines.later]\nqueue = "slow"\n')
    browser.open(jobd, "/jobs/")
    button = "button[aria-label='Pause the queue slow']"
    browser.wait(f'return document.querySelector("{button}")', "the queue")
    assert "0 of 3 running" in browser.find_element(By.CSS_SELECTOR, ".queues").text
    click(browser, button)
    browser.wait("return document.querySelector(\"button[aria-label='Resume the queue slow']\")", "the pause")
    assert [queue["paused"] for queue in jobd.get("/api/queues").json["queues"] if queue["name"] == "slow"] == [True]
    click(browser, "button[aria-label='Resume the queue slow']")
    browser.wait(f'return document.querySelector("{button}")', "the resumption")
    jobd.post("/api/jobs", {"jobId": "elsewhere", "jobType": "import"})
    jobd.post("/api/jobs", {"jobId": "here", "jobType": "import", "queue": "slow"})
    wait_for_rows(browser, "here", "elsewhere")
    browser.link("slow").click()
    wait_for_rows(browser, "here")
    # What waits can be put before all others.
    jobd.post("/api/queues/slow/pause")
    jobd.post("/api/jobs", {"jobId": "urgent", "jobType": "later", "fileIds": []})
    jobd.wait(jobd.process(b"text", "done")["jobId"])
    browser.open(jobd, "/jobs/")
    browser.wait("return document.querySelector('.queues').textContent.includes('The oldest waits for ')", "how long it waits")
    browser.wait("return document.querySelector('.types a')?.textContent === 'file_processing'", "the figures of a type")
    browser.open(jobd, "/jobs/?job=urgent")
    browser.wait("return document.querySelector('button[name=hurry]')?.offsetParent", "the button")
    click(browser, "button[name=hurry]")
    wait_for(lambda: jobd.job("urgent")["priority"] == 100, "its priority")
    browser.wait("return document.querySelector('button[name=hurry]').hidden", "the end of the button")
    assert is_clean(browser)


def test_thousands_of_rows_exist_only_where_they_are_seen(start, browser):
    jobd = start()
    for number in range(700):
        jobd.post("/api/jobs", {"jobId": f"row-{number:04}", "jobType": "import"})
    browser.open(jobd, "/jobs/")
    browser.wait("return document.querySelectorAll('.rows .row').length > 10", "rows")
    assert browser.run(ROWS)[:2] == ["row-0699", "row-0698"]
    most = 0

    def end():
        nonlocal most
        rows = browser.run(ROWS)
        most = max(most, len(rows))
        browser.run("const s = document.querySelector('.scroller'); s.scrollTop += s.clientHeight")
        return rows[-1] == "row-0000"

    wait_for(end, "the last row")
    assert most < 60
    # Each head stands above its column.
    lefts = browser.run("return ['.head', '.rows .row'].map((row) => [...document.querySelector(row).children].map((cell) => Math.round(cell.getBoundingClientRect().left)))")
    assert lefts[0] == lefts[1], lefts
    assert browser.run("return document.querySelector('.table').getAttribute('aria-rowcount')") == "701"
    # What is looked at stays where it is while new jobs come above it.
    look = "const s = document.querySelector('.scroller'); return s.scrollHeight - s.scrollTop"
    before = browser.run(look)
    jobd.post("/api/jobs", {"jobId": "new", "jobType": "import"})
    browser.wait("return document.querySelector('.table').getAttribute('aria-rowcount') === '702'", "the new job")
    assert browser.run(look) == before
    # A page that is zoomed to twice its size, or a phone on its side.
    browser.resize(640, 360)
    browser.wait("return document.querySelector('.scroller').clientHeight > 200", "room for rows")
    assert is_clean(browser)


@pytest.mark.parametrize("width, height", [(1300, 850), (400, 850)])
def test_what_the_dashboard_says_to_those_who_do_not_see_it(start, browser, width, height):
    jobd = start()
    jobd.wait(jobd.process(CONTRACT.read_bytes(), "contract")["jobId"])
    jobd.post("/api/jobs", {"jobId": "waiting", "jobType": "import"})
    browser.resize(width, height)
    browser.open(jobd, "/jobs/")
    wait_for_rows(browser, "waiting", "contract.pdf")
    browser.wait("return document.querySelector('.queue')", "the statistics")
    # Whoever hears the page is told what it lists, and not of each job that comes.
    said = "return [...document.querySelectorAll('[role=status]')].map((region) => region.textContent)"
    before = browser.run(said)
    assert "2 jobs" in before
    jobd.post("/api/jobs", {"jobId": "another", "jobType": "import"})
    wait_for_rows(browser, "another", "waiting", "contract.pdf")
    assert browser.run(said) == before
    nodes = browser.accessible()
    order = [browser.tab() for _ in range(26)]
    assert order[:7] == ["jobd", "Jobs", "Errors", "Schedules", "Batches", "Workers", "Webhooks"] and order[7].startswith("Pending"), order
    assert order[15:21] == ["Search jobs", "Queue", "Type", "Order", "Created", "Retry all…"], order
    # Where there is no room for both, what shows the service comes between.
    rows = 24 if width == 400 else 23
    assert order[21:23] == ["Cancel all…", "Delete all…"] and order[rows:rows + 2] == ["Tick another", "another"], order
    if width == 400:
        # There is room for the jobs or for the service, and each has the whole of it.
        click(browser, ".switch")
        browser.wait("return document.querySelector('.overview').offsetParent && !document.querySelector('.scroller').offsetParent", "the service")
        browser.picture("service-400")
        nodes += browser.accessible()
        click(browser, ".switch")
        browser.wait("return document.querySelector('.scroller').offsetParent", "the jobs")
    names = {(role, name) for role, name, _ in nodes}
    assert {
        ("table", "Jobs"), ("columnheader", "Status"), ("link", "contract.pdf"), ("searchbox", "Search jobs"), ("combobox", "Queue"),
        ("combobox", "Type"), ("heading", "Jobs"), ("heading", "Queues"), ("meter", "Slots of default in use"),
        ("button", "Pause the queue default"), ("complementary", "The service"),
    } <= names
    assert any(role in ("img", "image") and name.startswith("Jobs per minute in the last hour. Created: last ") for role, name, _ in nodes)
    assert not [node for node in nodes if node[0] in ("button", "link", "textbox", "combobox", "img", "image") and not node[1]]
    browser.picture(f"dashboard-{width}")
    browser.prefer("dark")
    browser.picture(f"dashboard-{width}-dark")

    browser.link("contract.pdf").click()
    wait_for(lambda: browser.run(STATUS) == "Completed", "the job")
    assert browser.run("return document.activeElement.textContent") == "contract.pdf"
    nodes = browser.accessible()
    names = {(role, name) for role, name, _ in nodes}
    assert {("heading", "contract.pdf"), ("progressbar", "Progress"), ("heading", "Timeline"), ("button", "Delete"), ("link", "All jobs"),
            ("link", "text.txt")} <= names
    assert "contract.pdf: Completed" in browser.run(said)
    # The focus comes back from a question to the button that asked it.
    click(browser, "button[name=delete]")
    browser.wait("return document.querySelector('dialog')?.open", "the question")
    assert browser.run("return document.activeElement.textContent") == "Keep"
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    browser.wait("return !document.querySelector('dialog')", "the end of the question")
    assert browser.run("return document.activeElement.name") == "delete"
    browser.picture(f"job-{width}-dark")
    assert is_clean(browser)


def test_the_first_page_says_what_is_wrong_and_errors_are_retried_together(start, browser, tmp_path):
    good = tmp_path / "good"
    jobd = start(one_step(f"run = ['sh', '-c', 'test -e {good} || {{ echo \"::error <b>No</b> font 7\" >$JOBD_REPORTS; exit 3; }}']"))
    for number in range(4):
        jobd.process(b"text", f"bad-{number}")
    for number in range(4):
        assert jobd.wait(f"bad-{number}")["status"] == "failed"
    jobd.post("/api/queues/default/pause", {})
    jobd.process(b"text", "waits")
    browser.open(jobd, "/jobs/")
    trouble = "return document.querySelector('.trouble').textContent"
    failed = re.compile(r"4 jobs failed since the service started at [^,]+, all alike: <b>No</b> font 7")
    wait_for(lambda: failed.search(browser.run(trouble)), "what failed")
    assert "The queue default is paused, and 1 job waits." in browser.run(trouble)
    browser.picture("problems")
    good.touch()
    click(browser, ".trouble button")
    wait_for(lambda: "paused" not in browser.run(trouble), "the queue")
    assert jobd.wait("waits")["status"] == "completed"
    click(browser, ".trouble [data-kind=failures] a")
    browser.wait("return document.querySelector('.card')", "the errors")
    browser.picture("errors")
    count = "return document.querySelector('.card .badge').textContent"
    assert browser.run(count) == "4"
    # The same jobs are found by what their errors say.
    browser.link("Show the jobs").click()
    wait_for(lambda: len(browser.run(ROWS)) == 4, "the jobs")
    browser.back()
    browser.wait("return document.querySelector('.card button.operate')", "the errors")
    click(browser, ".card button.operate")
    click(browser, "dialog button[value=yes]")
    browser.wait("return document.querySelector('.note').textContent === 'No job has failed.'", "the end of all errors")
    for number in range(4):
        assert jobd.wait(f"bad-{number}")["status"] == "completed"
    assert is_clean(browser)


def test_ticked_rows_are_changed_together(start, browser):
    jobd = start()
    for name in ("one", "two", "three", "four"):
        jobd.post("/api/jobs", {"jobId": name, "jobType": "import"})
    browser.open(jobd, "/jobs/")
    wait_for_rows(browser, "four", "three", "two", "one")
    bar = "return [...document.querySelectorAll('.bulk button')].filter((button) => !button.hidden).map((button) => button.textContent).join(' ')"

    def press(keys):
        ActionChains(browser).send_keys(keys).perform()

    # With the mouse, and with the keys from where it was.
    click(browser, ".tick input[aria-label='Tick four']")
    browser.wait(f"{bar} === '1 job ticked ✕ Retry Cancel 1… Delete'", "the bar")
    press("jjx")
    browser.wait(f"{bar} === '2 jobs ticked ✕ Retry Cancel 2… Delete'", "the bar")
    assert "2 jobs ticked" in browser.run("return [...document.querySelectorAll('[role=status]')].map((region) => region.textContent)")
    browser.picture("ticked")
    # What changes meanwhile is counted as it is now.
    jobd.post("/api/jobs/four/cancel")
    browser.wait(f"{bar} === '2 jobs ticked ✕ Retry 1… Cancel 1… Delete 1…'", "the bar")
    press("kx")
    browser.wait(f"{bar} === '3 jobs ticked ✕ Retry 1… Cancel 2… Delete 1…'", "the bar")
    click(browser, ".bulk button[name=cancel]")
    assert "Cancel 2 jobs?" in browser.find_element(By.TAG_NAME, "dialog").text
    click(browser, "dialog .danger")
    browser.wait(f"{bar} === 'Retry all… Cancel all… Delete all…'", "the end")
    assert [jobd.job(name)["status"] for name in ("one", "two", "three")] == ["pending", "cancelled", "cancelled"]
    browser.wait("return document.querySelectorAll('.is-ticked, .tick :checked').length === 0", "the rows without ticks")
    # Whoever has ticked the wrong ones takes all ticks away.
    click(browser, ".tick input[aria-label='Tick one']")
    press(Keys.ESCAPE)
    browser.wait(f"{bar} === 'Retry all… Cancel all… Delete all…'", "the end of the ticks")
    assert is_clean(browser)


def test_keys_go_through_the_rows(start, browser):
    jobd = start()
    for name in ("one", "two", "three"):
        jobd.post("/api/jobs", {"jobId": name, "jobType": "import"})
    browser.open(jobd, "/jobs/")
    wait_for_rows(browser, "three", "two", "one")
    focus = "return document.activeElement.textContent"

    def press(keys):
        ActionChains(browser).send_keys(keys).perform()

    for keys, name in (("j", "three"), ("j", "two"), ("jj", "one"), ("k", "two")):
        press(keys)
        wait_for(lambda: browser.run(focus) == name, f"the focus at {name}")
    press("?")
    browser.wait("return document.querySelector('dialog')?.open", "the help")
    press(Keys.ESCAPE)
    wait_for(lambda: not browser.find_elements(By.TAG_NAME, "dialog"), "the end of the help")
    press(Keys.ENTER)
    wait_for(lambda: browser.run(STATUS) == "Pending", "the job's page")
    press("u")
    wait_for_rows(browser, "three", "two", "one")
    press("/")
    press("jk?")
    assert browser.run("return document.activeElement.value") == "jk?"
    browser.run("document.activeElement.blur()")
    press("ge")
    browser.wait("return document.querySelector('h1').textContent === 'Errors'", "the page of errors")
    assert is_clean(browser)
