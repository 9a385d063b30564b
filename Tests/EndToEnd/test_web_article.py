"""The article about pages, as its reader does it: its markup in a page, its programs in the browser and in Node.js."""

import re
import subprocess

from browser import browser  # noqa: F401
from service import CONTRACT, PATIENCE, ROOT

ARTICLE = ROOT / "Sources/jobd/jobd.docc/Browser.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", ARTICLE.read_text(), re.M | re.S)


def page(jobd, browser, body):
    """Opens a page under the strict policy, which wants programs in files of their own."""
    folder = jobd.directory / "web/demo"
    if inline := re.search(r'<script type="module">(.*?)</script>', body, re.S):
        (folder / "article.js").write_text(inline[1])
        body = body.replace(inline[0], '<script type="module" src="article.js"></script>')
    (folder / "article.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title><link rel="icon" href="icon.svg">{body}')
    browser.open(jobd, "/demo/article.html")


def test_its_markup_makes_pages_that_work(jobd, browser):
    upload, status, own = blocks("html")
    page(jobd, browser, upload)
    browser.run("window.ended = []; addEventListener('job-end', (event) => ended.push(event.detail.status))")
    browser.inside("job-upload", "input").send_keys(str(CONTRACT))
    browser.wait("return ended.length > 0", "the end of the upload's job")
    assert browser.run("return ended") == ["completed"]

    job = jobd.process(job_id="contract-7")["jobId"]
    page(jobd, browser, status)
    browser.wait("return document.querySelector('job-status').job?.jobId === arguments[0]", "the job", job)

    page(jobd, browser, own)
    browser.run("window.said = []; console.log = (...words) => said.push(words)")
    browser.find_element("id", "file").send_keys(str(CONTRACT))
    browser.wait("return said.length > 0", "the end of the job")
    assert browser.run("return said[0]")[0] == "completed" and browser.run("return bar.value") == 100
    assert browser.uncaught() == [] and browser.console() == []


def test_its_programs_run(jobd, browser, tmp_path):
    node, texts = blocks("js")
    page(jobd, browser, blocks("html")[0])
    browser.wait("return customElements.get('job-upload') !== undefined", "the element")
    browser.run(texts)
    browser.wait(
        "return document.querySelector('job-upload').shadowRoot.textContent.includes('Dateien auswählen')", "its own words")
    (tmp_path / "article.mjs").write_text(
        f'import {{ JobdClient }} from "{ROOT}/Sources/Web/jobd-client.js";\n'
        + node.replace("http://127.0.0.1", f"http://127.0.0.1:{jobd.port}")
        + 'const job = await jobs.submit(new File(["text"], "text.txt"));\nconsole.log(job.status);\n')
    answer = subprocess.run(["node", tmp_path / "article.mjs"], capture_output=True, text=True, timeout=PATIENCE)
    assert answer.stdout == "completed\n", answer
