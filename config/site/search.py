"""Makes the search's index a program of its own, which a page opened from a file may load, too: python3 search.py FOLDER

What MkDocs adds for its own search and for search engines is removed.
"""

import json
import pathlib
import shutil
import sys

folder = pathlib.Path(sys.argv[1])
index = json.loads((folder / "search/search_index.json").read_text())
articles, entries = {}, []
for entry in index["docs"]:
    place, title, text = entry["location"], entry["title"].rstrip("#"), " ".join(entry["text"].split())
    article, _, part = place.partition("#")
    # Each article comes whole, and then in its parts; the parts are enough.
    articles[article] = articles.get(article, title)
    entries.append([place, title, text if part else "", articles[article] if part else ""])
(folder / "search-index.js").write_text(f"window.searchIndex = {json.dumps(entries, ensure_ascii=False)};\n")
shutil.rmtree(folder / "search")
for name in ("sitemap.xml", "sitemap.xml.gz"):
    (folder / name).unlink(missing_ok=True)
