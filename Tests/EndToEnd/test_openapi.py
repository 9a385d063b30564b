"""The API's description is what the service does."""

import re
import subprocess
import venv

import pytest

from test_bad_input import problem


def operations(jobd):
    for path, methods in jobd.get("/api/openapi.json").json["paths"].items():
        yield path, re.sub(r"\{\w+\}", "a", path), {method.upper() for method in methods}


def test_every_route_of_the_description_takes_its_methods_and_no_others(jobd):
    count = 0
    for path, example, methods in operations(jobd):
        count += len(methods)
        allowed = set(jobd.request("OPTIONS", example).headers["allow"].split(", "))
        assert methods <= allowed - {"HEAD", "OPTIONS"}, path
        assert ("HEAD" in allowed) == ("GET" in allowed)
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
            answer = jobd.request(method, example)
            problem(answer, 405, "method-not-allowed")
            assert set(answer.headers["allow"].split(", ")) == allowed
    assert count == 49
    problem(jobd.get("/api/jobs/a/b/c"), 404, "not-found")


def test_it_is_whole(jobd):
    document = jobd.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    text = str(document)
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", text)):
        part = document
        for key in reference.split("/"):
            part = part[key]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and operation["responses"], (path, method)
            named = set(re.findall(r"\{(\w+)\}", path))
            parameters = [
                document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]] if "$ref" in parameter
                else parameter for parameter in operation.get("parameters", [])]
            assert {parameter["name"] for parameter in parameters if parameter["in"] == "path"} == named


def test_requests_made_from_it_get_no_answer_that_it_does_not_describe(jobd, full, tmp_path):
    """schemathesis makes thousands of requests from the description; streams, which do not end, are left out."""
    if not full:
        pytest.skip("fetches schemathesis and takes two minutes: --full")
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv/bin"
    subprocess.run([programs / "pip", "install", "-q", "schemathesis", "openapi-spec-validator"], check=True)
    description = tmp_path / "openapi.json"
    description.write_bytes(jobd.get("/api/openapi.json").body)
    subprocess.run([programs / "openapi-spec-validator", description], check=True)
    checks = [
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
        "response_schema_conformance", "unsupported_method", "allow_header_conformance", "use_after_free"]
    run = subprocess.run(
        [programs / "schemathesis", "run", f"http://127.0.0.1:{jobd.port}/api/openapi.json",
         "--phases", "coverage,fuzzing", "--max-time", "90", "--request-timeout", "70", "--warnings", "off",
         "--exclude-path-regex", "stream", *(word for check in checks for word in ("-c", check))],
        cwd=tmp_path)
    assert run.returncode == 0
