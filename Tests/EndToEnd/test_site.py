"""The site of all articles: everything is in it, every link leads somewhere, and `jobd dev` shows it with its search."""

import html.parser
import json
import pathlib
import re
import subprocess
import urllib.parse

import pytest

from browser import browser  # noqa: F401
from service import ROOT, Service, wait_for


class Page(html.parser.HTMLParser):
    """Links, anchors, and what a strict policy would refuse."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.inline = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.links += [attributes[name] for name in ("href", "src", "srcset") if name in attributes]
        self.anchors |= {attributes[name] for name in ("id", "name") if name in attributes}
        is_inline = tag == "style" or (tag == "script" and "src" not in attributes)
        if is_inline or any(name == "style" or name.startswith("on") for name in attributes):
            self.inline.append(tag)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(["sh", ROOT / "config/site.sh", folder], check=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {file.name: Page(file.read_text()) for file in site.glob("*.html")}


def test_every_article_is_a_page_with_a_place_in_the_navigation(pages):
    articles = {file.stem for folder in ("jobd/jobd.docc", "JobWire/JobWire.docc") for file in (ROOT / "Sources" / folder).rglob("*.md")}
    articles -= {"jobd", "JobWire"}
    assert {f"{name}.html" for name in articles | {"HTTP", "Configuration", "index"}} == set(pages)
    assert set(pages) - {"index.html"} <= set(pages["index.html"].links)


def test_every_link_leads_somewhere(site, pages):
    wrong = []
    for name, page in pages.items():
        for link in page.links:
            target = urllib.parse.urlsplit(link)
            if target.scheme in ("http", "https", "mailto"):
                continue
            file = target.path or name
            if not (site / file).is_file() or (target.fragment and target.fragment not in pages[file].anchors):
                wrong.append((name, link))
    assert not wrong and sum(len(page.links) for page in pages.values()) > 1000


def test_pictures_are_small_and_all_are_shown(site, pages):
    pictures = list((ROOT / "Sources/jobd/jobd.docc/Pictures").iterdir())
    shown = {link for page in pages.values() for link in page.links if link.endswith(".png")}
    assert {picture.name for picture in pictures} <= shown and all((site / name).is_file() for name in shown)
    sizes = [picture.stat().st_size for picture in pictures]
    assert max(sizes) <= 60_000 and sum(sizes) <= 400_000, sizes


def test_every_link_of_the_first_page_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / "README.md").read_text())
    assert len(links) > 20 and [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_nothing_of_docc_or_markdown_is_left(site):
    for file in site.glob("*.html"):
        text = re.sub(r"(?s)<(pre|code)\b.*?</\1>", "", file.read_text())
        assert "<doc:" not in text and "&lt;doc:" not in text and "```" not in text, file.name
        assert not re.search(r"(?m)^\|[- |]+\|$|^#+ ", text), file.name


def test_the_reference_has_every_operation_and_schema(site):
    document = json.loads((ROOT / "Sources/JobFront/OpenAPI/openapi.json").read_text())
    text = (site / "HTTP.html").read_text()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                assert f"{method.upper()} {path}<" in text and f"<code>{operation['operationId']}</code>" in text, path
    for name, schema in document["components"]["schemas"].items():
        assert f'id="{name.lower()}"' in text, name
        for field in schema.get("properties", {}):
            assert f"<code>{field}</code>" in text, (name, field)


def test_every_key_of_the_configuration_is_there(site):
    text = (site / "Configuration.html").read_text()
    for line in re.findall(r"(?m)^#?\w+ = ", (ROOT / "config/jobd.toml").read_text()):
        assert line in text, line
    assert {"storage", "front", "queues", "pipelines", "schedules", "webhooks", "retention", "quota"} <= set(re.findall(r'<h2 id="(\w+)"', text))


def test_a_strict_policy_allows_all_of_it(pages):
    assert {name: page.inline for name, page in pages.items() if page.inline} == {}


def test_dev_shows_it_and_it_can_be_searched(site, browser, tmp_path):  # noqa: F811
    own = tmp_path / "pages"
    (own / "below").mkdir(parents=True)
    for folder in (own, own / "below"):
        (folder / "index.html").write_text("<title>Mine</title>")
    jobd = Service(arguments=["--docs", str(site), "--pages", str(own)])
    try:
        jobd.start()
        told = wait_for(lambda: "Ctrl-C ends it." in (text := jobd.messages()) and text, "the welcome")
        assert f"docs       http://127.0.0.1:{jobd.port}/docs/\n" in told
        assert jobd.get("/docs").headers["location"] == "/docs/"
        first = jobd.get("/docs/")
        assert first.status == 200 and "default-src 'none'" in first.headers["content-security-policy"]
        # Pages of the developer's, which have a policy of their own, take the place of the demo.
        assert f"your pages http://127.0.0.1:{jobd.port}/\n" in told and f"demo       http://127.0.0.1:{jobd.port}/demo/\n" in told
        for path in ("/", "/below/"):
            mine = jobd.get(path)
            assert mine.body == b"<title>Mine</title>" and "content-security-policy" not in mine.headers
        demo = Page(jobd.get("/demo/").body.decode())
        links = [urllib.parse.urljoin("/demo/", link) for link in demo.links]
        assert "/demo/demo.js" in links and {link: jobd.get(link).status for link in links} == dict.fromkeys(links, 200)
        assert jobd.get("/none").status == 404
        assert jobd.get("/api/jobs").json["jobs"] == [] and jobd.get("/jobd/jobd.js").status == 200
        browser.open(jobd, "/docs/")
        browser.type("#query", "concurrency width")
        browser.wait("return document.querySelector('#found a')?.textContent", "what was found")
        assert any("Concepts" in link or "work" in link for link in browser.run(
            "return [...document.querySelectorAll('#found a')].map((link) => link.href)"))
        browser.run("document.querySelector('#found a').click()")
        browser.wait("return location.pathname.startsWith('/docs/') && location.hash !== ''", "the page")
        assert browser.uncaught() == [] and browser.console() == []
    finally:
        jobd.discard()


@pytest.mark.skipif(pathlib.Path("/usr/share/doc/jobd/html").exists(), reason="the site is installed here")
def test_where_nobody_has_made_it_the_articles_are_plain_pages(jobd):
    first = jobd.get("/docs/")
    assert first.status == 200 and first.headers["content-type"].startswith("text/html"), first
    names = set(re.findall(rb'href="([^"]+)"', first.body))
    assert len(names) > 20 and [name for name in names if jobd.get(f"/docs/{name.decode()}").status != 200] == []
