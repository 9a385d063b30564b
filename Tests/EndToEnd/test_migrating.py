"""What the page for those who come from elsewhere calls ours exists: routes, verbs with their options, methods, fields, keys."""

import json
import re
import socket

import pytest

from service import ROOT

PAGE = (ROOT / "Sources/jobd/jobd.docc/Migrating.md").read_text()


def ours():
    """The code in the last column of each row that compares."""
    for line in PAGE.splitlines():
        cells = line.strip("|").split(" | ")
        if line.startswith("| ") and len(cells) == 2:
            yield from re.findall(r"`([^`]+)`", cells[1])


@pytest.fixture(scope="module")
def calls():
    return sorted(set(ours()))


def test_every_route_is_in_the_description(jobd, calls):
    paths = jobd.get("/api/openapi.json").json["paths"]
    known = {(method.upper(), re.sub(r"{\w+}", "{}", path)) for path, methods in paths.items() for method in methods}
    named = [re.fullmatch(r"(GET|POST|PUT|DELETE) ([^?]+)(\?.*)?", call) for call in calls]
    named = {(match[1], re.sub(r"{\w+}", "{}", match[2])) for match in named if match}
    assert len(named) >= 6 and named <= known, named - known


def test_every_verb_has_these_options(jobd, calls):
    verbs = [call.split() for call in calls if call.startswith("jobctl ")]
    assert len(verbs) >= 15
    for _, verb, *words in verbs:
        text = jobd.jobctl(verb, "--help", check=0).stdout
        for option in (word for word in words[: words.index("--") if "--" in words else None] if word.startswith("-")):
            assert re.search(rf"(?m)^\s+.*{option}\b", text), (verb, option)


def test_every_method_is_one_of_the_protocol(jobd, calls):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(jobd.directory / "run/jobd.sock"))
        client.sendall(b'{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}\n')
        with client.makefile() as lines:
            known = {method["name"] for method in json.loads(lines.readline())["result"]["methods"]}
    named = {call for call in calls if re.fullmatch(r"work\.[a-z]+", call)}
    assert len(named) >= 5 and named <= known, named - known


def test_every_field_is_one_of_a_request_or_an_answer(jobd, calls):
    schemas = jobd.get("/api/openapi.json").json["components"]["schemas"]
    names = {name for schema in schemas.values() for name in schema.get("properties", {})}
    example = (ROOT / "config/jobd.toml").read_text()
    keys = set(re.findall(r"(?m)^#? ?(\w+) = ", example))
    statuses = set(schemas["Status"]["enum"])
    fields = {re.split(r"[:=]", call)[0].strip() for call in calls if re.match(r"[a-z]\w+($|:| =)", call)}
    codes = {"dependency", "lost"}
    unknown = fields - names - keys - statuses - codes
    assert len(fields) >= 15 and not unknown, unknown
    for section, key in re.findall(r"`(front|access)\.(\w+)`", PAGE):
        assert re.search(rf"(?ms)^\[{section}\].*?^#? ?{key} = ", example), (section, key)
