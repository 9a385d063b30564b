"""The upload element as a part of a page's form, in the page's language, and with what pages set before it is there."""

import pytest

from browser import browser  # noqa: F401
from service import CONTRACT, wait_for

ELEMENT = "document.getElementById('upload')"
SHOWN = f"return {ELEMENT}.shadowRoot.textContent"


def open_page(jobd, browser, body, script="", module="jobd.js", lang="en"):
    """A page under the strict policy; its script runs before the module, as classic scripts do."""
    folder = jobd.directory / "web/demo"
    (folder / "early.js").write_text(script)
    (folder / "form.html").write_text(
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>Page</title><link rel="icon" href="icon.svg">'
        f'<script type="module" src="/jobd/{module}"></script><main>{body}</main><script src="early.js"></script>')
    browser.open(jobd, "/demo/form.html")
    browser.wait("return customElements.get('job-upload') !== undefined", "the element")


@pytest.mark.parametrize("module", ["jobd.js", "job-upload.js"])
def test_its_jobs_are_its_value_in_a_form(jobd, browser, module):
    open_page(jobd, browser, """<form id="form"><label for="upload" id="label">Contract</label>
        <job-upload id="upload" name="contracts" required></job-upload></form>""", module=module)
    values = "return new FormData(document.getElementById('form')).getAll('contracts')"
    is_valid = "return document.getElementById('form').checkValidity()"
    wait_for(lambda: browser.run(f"return {ELEMENT}.validity.valueMissing"), "the complaint")
    assert browser.run(is_valid) is False and browser.run(values) == []
    assert browser.run(f"return {ELEMENT}.validationMessage") == "Choose a file."
    browser.inside("#upload", "input").send_keys(str(CONTRACT))
    wait_for(lambda: browser.run(values), "the job's id")
    assert browser.run(values) == browser.run(f"return {ELEMENT}.jobIds")
    assert jobd.wait(browser.run(values)[0])["status"] == "completed"
    browser.wait(is_valid, "the form")
    browser.run("document.getElementById('form').reset()")
    wait_for(lambda: browser.run(values) == [], "a form without jobs")
    assert browser.run(is_valid) is False
    assert browser.uncaught() == [] and browser.console() == []


def test_what_a_page_sets_early_and_frameworks_write_is_heard(jobd, browser):
    open_page(jobd, browser, '<job-upload id="upload" disabled="false" single="false"></job-upload>', f"""
        const element = {ELEMENT};
        element.texts = {{ choose: "Give me" }};
        element.metadata = {{ early: true }};
        element.accept = ".txt";
        element.maxSize = "1kB";
        element.together = true;
        window.errors = [];
        window.updates = [];
        element.addEventListener("job-error", ({{ detail }}) => errors.push([detail.error.code, detail.file.name]));
        element.addEventListener("job-update", ({{ detail }}) => updates.push(detail));
    """)
    wait_for(lambda: "Give me" in browser.run(SHOWN), "its own words")
    assert browser.run(f"return [{ELEMENT}.disabled, {ELEMENT}.single, {ELEMENT}.together, {ELEMENT}.getAttribute('max-size')]") \
        == [False, False, True, "1kB"]
    # Three are refused with a reason; two are one job.
    browser.run(f"""{ELEMENT}.add([new File(["a"], "a.txt"), new File(["<svg onload=alert(1)>"], "<img src=x onerror=alert(1)>.png"),
        new File([new Uint8Array(2000)], "large.txt"), new File(["b"], "b.txt")])""")
    assert browser.run("return errors") == [["file-type", "<img src=x onerror=alert(1)>.png"], ["file-size", "large.txt"]]
    assert "<img src=x onerror=alert(1)>.png. Choose files of the kind .txt." in browser.run(SHOWN)
    browser.wait("return updates.some(({ phase }) => phase === 'end')", "the end")
    [job] = {update["jobId"]: update for update in browser.run("return updates.flatMap(({ job }) => job ?? [])")}.values()
    assert [file["name"] for file in job["files"]] == ["a.txt", "b.txt"] and job["metadata"] == {"early": True}
    assert browser.run(f"return {ELEMENT}.shadowRoot.querySelector('.refused img, .refused svg')") is None
    browser.run(f"{ELEMENT}.disabled = 'false'; {ELEMENT}.disabled = true; {ELEMENT}.add([new File(['c'], 'c.txt')])")
    assert browser.run(f"return {ELEMENT}.shadowRoot.querySelectorAll('li .job').length") == 1
    browser.picture("refused")
    assert browser.uncaught() == []


def test_it_speaks_the_language_of_the_page(jobd, browser):
    open_page(jobd, browser, '<job-upload id="upload"></job-upload><div lang="ja"><job-status id="status" job-id="none-yet"></job-status></div>',
              lang="de-AT")
    wait_for(lambda: "Dateien auswählen" in browser.run(SHOWN), "German")
    wait_for(lambda: "情報を待っています" in browser.run("return document.getElementById('status').shadowRoot.textContent"), "Japanese")
    browser.run(f"{ELEMENT}.texts = {{ drop: 'oder hierher' }}")
    assert "Dateien auswählen" in browser.run(SHOWN) and "oder hierher" in browser.run(SHOWN)
    assert browser.uncaught() == [] and browser.console() == []
