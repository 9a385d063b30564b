"""The map of the sources (Architecture.md) names only what is there, and the arrows between them are those of Package.swift."""

import re
import subprocess
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "Sources/jobd/jobd.docc/Architecture.md").read_text()
# What comes with Swift.
TOOLCHAIN = {"Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing"}
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


def fields():
    """How many stored fields each type of the sources has, and how many of them change; the formatter keeps the form."""
    attributes = r"(?:@\w+(?:\([^)]*\))?\s+)*"
    words = r"(?:(?:package|private|fileprivate|final|weak|unowned|lazy|indirect|nonisolated)(?:\(\w+\))?\s+)*"
    for path in (ROOT / "Sources").rglob("*.swift"):
        types = []
        lines = [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("//")]
        for line, following in zip(lines, [*lines[1:], ""]):
            indent = len(line) - len(line.lstrip())
            while types and indent <= types[-1][0] and line.strip() not in ("{", "}"):
                yield types.pop()[1:]
            if kind := re.match(rf"\s*{attributes}{words}(struct|class|actor|enum|extension|protocol) (\w+)(.*)", line):
                if not line.endswith("}"):
                    types.append([indent, *kind.groups(), 0, 0])
            elif types and indent == types[-1][0] + 4 and (field := re.match(rf"\s*{attributes}{words}(let|var) (.*)", line)):
                observed = following.lstrip().startswith(("didSet", "willSet"))
                if "{" not in field[2].split(" = ")[0] or observed:
                    types[-1][4] += 1
                    types[-1][5] += field[1] == "var"
        while types:
            yield types.pop()[1:]


def targets():
    """The targets of Package.swift by their names: the folder of each, and what it stands on; the formatter keeps the form."""
    found = {}
    declared = r'^        \.(target|executableTarget|testTarget)\(\s*name: "(\w+)"(.*?)(?=^        \.|^    \]$)'
    for kind, name, rest in re.findall(declared, (ROOT / "Package.swift").read_text(), re.M | re.S):
        folder = re.search(r'path: "([^"]+)"', rest)
        dependencies = re.search(r"dependencies: \[(.*?)\]", rest, re.S)
        found[name] = (
            ROOT / (folder[1] if folder else f"{'Tests' if kind == 'testTarget' else 'Sources'}/{name}"),
            set(re.findall(r'(?<!package: )"(\w+)"', dependencies[1] if dependencies else "")),
        )
    return found


def imports(folder):
    """The modules that the files of a target import; programs in other languages within them import small ones."""
    line = r"^\s*(?:@\w+(?:\(\w+\))? )*(?:\w+ )?import (?:\w+ )?([A-Z]\w*|jobd)\b"
    return {module for path in folder.rglob("*.swift") for module in re.findall(line, path.read_text(), re.M)}


def test_every_name_in_the_map_is_there():
    members, places = swift()
    names = re.findall(r"`(?:\w+/)*([A-Z]\w+[a-z]\w*)(?:\.(\w+))?[`(:,]", MAP)
    assert len(names) > 150
    missing = {
        f"{kind}.{member}" if member else kind
        for kind, member in names
        if not (member in members.get(kind, ()) or (not member or member == "swift") and (kind in members or kind in places))
        and f"{kind}.{member}" not in places
    }
    assert not missing


def test_a_file_imports_only_what_its_target_stands_on():
    """What another target brings along compiles as well, until that one does without."""
    assert len(targets()) > 30
    imported = {name: imports(folder) - TOOLCHAIN - {name} for name, (folder, _) in targets().items()}
    assert {name: extra for name, (_, allowed) in targets().items() if (extra := imported[name] - allowed)} == {}
    # The built program: what runs steps, and what finds the media types of files.
    built = {(f"{name}Tests", "jobd") for name in ("JobProcessing", "JobFiles", "JobFront", "JobFrontFastCGI", "JobFrontWebSocket")}
    unused = {(name, other) for name, (_, allowed) in targets().items() for other in allowed - imported[name]} - built
    assert unused == set()


def structures_of_the_system(headers):
    """The structures that headers declare by including glibc's."""
    text = "".join(f'#include "{path}"\n' for path in headers)
    command = ["clang", "-E", "-x", "c", "-"]
    file, found = "", set()
    for line in subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout.splitlines():
        if place := re.match(r'# \d+ "(.*?)"', line):
            file = place[1]
        elif "/bits/" in file or "/sys/" in file:
            found.update(re.findall(r"^(?:typedef )?struct (\w+)(?: \{|$)", line))
    return found


def test_a_structure_of_the_system_comes_from_one_module():
    """If a file imports two that declare it, its members are Glibc's or the other's, depending on what is compiled with it."""
    modules = {path.parent.name: [path] for path in ROOT.glob("Sources/C*/shim.h")}
    modules["CJobSystem"] = sorted((ROOT / "Sources/CJobSystem/include").glob("*.h"))
    shared = {name for name, headers in modules.items() if structures_of_the_system(headers)}
    # Otherwise nothing is found any more.
    assert shared == {"CMagic"}
    files = {path: set(re.findall(r"^(?:\w+ )?import (\w+)", path.read_text(), re.M)) for path in (ROOT / "Sources").rglob("*.swift")}
    assert {path.name for path, imported in files.items() if "Glibc" in imported and imported & shared} == set()


def test_arrows_go_down():
    layers, rows = {}, re.findall(r"^\| (\d) \| (`\w+`(?:, `\w+`)*) \|", MAP, re.M)
    for row, (layer, names) in enumerate(rows):
        for name in re.findall(r"\w+", names):
            layers[name] = (int(layer), row)
    arrows = {
        (name, other) for name, (folder, allowed) in targets().items() if folder.parent.name == "Sources" for other in allowed
    }
    assert {name for name, _ in arrows} <= layers.keys()
    up = {
        (name, other) for name, other in arrows
        if other in layers and layers[other][0] >= layers[name][0] and layers[other][1] != layers[name][1]
    }
    # The transports stand on the front.
    assert up == {("JobFrontFastCGI", "JobFront"), ("JobFrontWebSocket", "JobFront")}


def test_no_two_types_have_one_name():
    declaration = rf"^(?:@\w+(?:\([^)]*\))? )*(?:(?:package|private|fileprivate|final|indirect) )*{KINDS.replace('extension|', '')} (\w+)"
    names = Counter(
        name for folder, _ in targets().values() for path in folder.rglob("*.swift")
        for name in re.findall(declaration, path.read_text(), re.M))
    assert len(names) > 800
    assert [name for name, count in names.items() if count > 1] == []


def test_what_changes_as_a_whole_has_few_fields():
    """A value of many fields is made of parts; an owner of much state, of owners. A command's options are its line."""
    types = [found for found in fields() if found[0] in ("struct", "class", "actor") and "Command" not in found[2]]
    assert len(types) > 500
    assert {name: changing for kind, name, _, _, changing in types if kind != "struct" and changing > 8} == {}
    assert {name: stored for kind, name, _, stored, changing in types if kind == "struct" and changing and stored > 12} == {}
