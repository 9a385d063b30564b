"""The map of the sources (Architecture.md) names only what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = r"(?:class|struct|enum|actor|protocol|extension|typealias)"


def swift():
    """What each type has, by its name; and the names of files and folders."""
    paths = [path for folder in ("Sources", "Tests") for path in (ROOT / folder).rglob("*")]
    members, places = {}, {"Package.swift"} | {name for path in paths for name in (path.name, path.stem)}
    for path in paths:
        if path.suffix != ".swift":
            continue
        text = path.read_text()
        kinds = re.findall(KINDS + r"\s+(?:\w+\.)*(\w+)", text)
        named = {*re.findall(r"(?:func|var|let|case|,) +`?(\w+)", text), *kinds, "init"}
        for kind in kinds:
            members.setdefault(kind, set()).update(named)
    return members, places


def test_every_name_in_the_map_is_there():
    members, places = swift()
    names = re.findall(r"`(?:\w+/)*([A-Z]\w+[a-z]\w*)(?:\.(\w+))?[`(:,]", (ROOT / "Sources/jobd/jobd.docc/Architecture.md").read_text())
    assert len(names) > 150
    missing = {
        f"{kind}.{member}" if member else kind
        for kind, member in names
        if not (member in members.get(kind, ()) or (not member or member == "swift") and (kind in members or kind in places))
        and f"{kind}.{member}" not in places
    }
    assert not missing
