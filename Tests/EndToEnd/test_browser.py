"""A page of old, unchanged, in a real browser."""

import os
import pathlib
import shutil

from browser import browser  # noqa: F401
from service import CONTRACT, one_step, wait_for
from test_access import restart_nginx


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
    restart_nginx(jobd, site.name, text)

    browser.open(jobd, "/old-page.html")
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
