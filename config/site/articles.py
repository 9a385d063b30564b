"""Writes what MkDocs needs into a folder: python3 config/site/articles.py FOLDER

Its articles are those of DocC, their links made ordinary ones, and the HTTP reference. The groups of `jobd.md` are the
navigation.
"""

import html
import json
import pathlib
import re
import shutil
import sys

import reference

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "Sources/jobd/jobd.docc"
PROTOCOL = ROOT / "Sources/JobWire/JobWire.docc/Protocol.md"


def sources():
    """The text of each article, by its name."""
    files = [*CATALOGUE.glob("*.md"), *CATALOGUE.glob("Decisions/*.md"), PROTOCOL]
    texts = {file.stem: file.read_text() for file in files if file.stem != "jobd"}
    document = json.loads((ROOT / "Sources/JobFront/OpenAPI/openapi.json").read_text())
    return {**texts, "HTTP": reference.article(document), "Configuration": configuration((ROOT / "config/jobd.toml").read_text())}


def configuration(text):
    """The shipped file as an article, a part for each of its tables."""
    lines = ["# Configuration", "", "The shipped `/etc/jobd/jobd.toml`, which explains every key. How to change it is in <doc:Operate>.", ""]
    is_open = False
    for block in text.strip("\n").split("\n\n"):
        table = re.search(r"^(?:# )?#?\[([a-z_.]+)\]$", block, re.M | re.I)
        name = table and table[1].split(".")[0]
        if table and f"## {name}" not in lines:
            lines += ["```", ""] if is_open else []
            lines += [f"## {name}", ""]
            is_open = False
        lines += ["" if is_open else "```toml", block]
        is_open = True
    return "\n".join([*lines, "```", ""])


def title(text):
    return re.search(r"^# (.+)$", text, re.M)[1]


def abstract(text):
    """The sentence below the title."""
    return re.search(r"^# [^\n]+\n\n(.+?)(?:\n\n|\Z)", text, re.S)[1].replace("\n", " ")


def groups():
    """The headings of the catalogue's first page with the names of their articles."""
    found = []
    for line in (CATALOGUE / "jobd.md").read_text().splitlines():
        if line.startswith("### "):
            found.append((line[4:], []))
        elif match := re.fullmatch(r"- <doc:([\w-]+)>", line):
            found[-1][1].append(match[1])
    return found


def picture(name, description):
    """The picture as DocC shows it: NAME~dark.png is for dark pages."""
    return (f'<picture><source srcset="{name}~dark.png" media="(prefers-color-scheme: dark)">'
            f'<img src="{name}.png" alt="{html.escape(description)}"></picture>')


def linked(text, titles):
    """With links of Markdown for those of DocC, outside of code, pictures in both forms, and one word for the language of a block."""
    text = re.sub(r"!\[(.+?)\]\((\w+)\.png\)", lambda match: picture(match[2], match[1]), text)
    text = re.sub(r"(?m)^```(\w+) .+$", r"```\1", text)
    parts = re.split(r"(?ms)(^```.*?^```$|`[^`\n]+`)", text)
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"<doc:([\w-]+)>", lambda match: f"[{titles[match[1]]}]({match[1]}.md)", parts[index])
    return "".join(parts)


def first_page(texts, navigation):
    readme = (ROOT / "README.md").read_text()
    introduction = re.search(r"^# jobd\n\n(.+?)\n\n", readme, re.S)[1]
    introduction = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", introduction)
    bar = re.search(r'<img src="Sources/jobd/jobd.docc/Pictures/(\w+\.png)" alt="(.+?)">', readme)
    lines = ["# jobd", "", introduction, "", f"![{bar[2]}]({bar[1]})", ""]
    for heading, names in navigation:
        lines += [f"## {heading}", ""]
        lines += [f"- [{title(texts[name])}]({name}.md)" + ("" if heading == "Decisions" else f": {abstract(texts[name])}") for name in names]
        lines += [""]
    return "\n".join(lines)


def main(folder):
    folder = pathlib.Path(folder)
    articles = folder / "docs"
    articles.mkdir(parents=True)
    texts = sources()
    titles = {name: title(text) for name, text in texts.items()}
    navigation = groups()
    named = {name for _, names in navigation for name in names}
    assert named | {"HTTP", "Configuration", "Protocol"} == set(texts), named ^ set(texts)
    # What DocC has elsewhere.
    for heading, names in navigation:
        if heading == "Reference":
            names[:0] = ["HTTP", "Configuration", "Protocol"]
    for name, text in texts.items():
        (articles / f"{name}.md").write_text(linked(text, titles))
    (articles / "index.md").write_text(linked(first_page(texts, navigation), titles))
    for file in CATALOGUE.glob("Pictures/*.png"):
        shutil.copy(file, articles)
    # JSON is YAML, too.
    (folder / "mkdocs.yml").write_text(json.dumps({
        "site_name": "jobd", "docs_dir": str(articles), "use_directory_urls": False,
        "theme": {"name": None, "custom_dir": str(ROOT / "config/site/theme"), "static_templates": []},
        "markdown_extensions": [{"toc": {"permalink": "#", "toc_depth": "2-3"}}, "tables", "fenced_code"],
        "plugins": ["search"],
        "nav": [{"Start": "index.md"}] + [{heading: [{titles[name]: f"{name}.md"} for name in names]} for heading, names in navigation],
    }))


main(sys.argv[1])
