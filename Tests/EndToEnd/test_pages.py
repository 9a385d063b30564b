"""The articles that need no installed package, as a reader walks them in `jobd dev`: commands are run in order, programs saved
under the names that the sentences above them give, configurations checked; tables about the code are compared with it.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess

import pytest

from browser import browser  # noqa: F401
from service import CONTRACT, JOBD, PATIENCE, ROOT, Service, wait_for

ARTICLES = ROOT / "Sources/jobd/jobd.docc"
WALKED = ["Concepts", "JobFields", "Backend", "CrossOrigin", "DevelopmentProxy", "TryAStep", "UploadsInPieces", "WebServers", "Workers"]
# What stands in the articles for a place of the reader's.
PLACE = "/srv/try"


def article(name):
    return (ARTICLES / f"{name}.md").read_text()


def blocks(name):
    """Line, language, text and the name that the text is to be saved under."""
    lines = article(name).split("\n")
    file, start = None, None
    for number, line in enumerate(lines, 1):
        if start is None and (match := re.match(r"```(\w+)", line)):
            start, language = number, match[1]
        elif start is not None and line == "```":
            yield start, language, "\n".join(lines[start : number - 1]) + "\n", file
            file, start = None, None
        elif start is None and (match := re.search(r"[Ss]ave this as `([^`]+)`", line)):
            file = match[1]


def tables(name):
    """The rows of each table of an article, by its headings."""
    rows = []
    for line in article(name).split("\n"):
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))])
        elif rows:
            yield rows[0], rows[2:]
            rows = []


def here(text, jobd, place):
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{jobd.port}").replace(PLACE, str(place))
    return text.replace("/usr/share/jobd/clients", str(ROOT / "Sources/Clients"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The reader's folder, with the file that the articles speak of."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copy(CONTRACT, folder / "contract.pdf")
    (folder / "programs").mkdir()
    (folder / "programs/jobctl").symlink_to(JOBD)
    return folder


@pytest.fixture(scope="module")
def jobd(place):
    """One service with all that readers have saved as its configuration."""
    saved = [text for name in WALKED for _, _, text, file in blocks(name) if file == "jobd.toml"]
    service = Service("\n".join(saved).replace(PLACE, str(place)))
    yield service.start()
    service.discard()


@pytest.mark.parametrize("name", WALKED)
def test_what_is_written_is_so(jobd, place, name):
    environment = {
        "PATH": f"{place}/programs:/usr/local/bin:/usr/bin:/bin", "HOME": str(place),
        "JOBD_SOCKET": str(jobd.directory / "run/jobd.sock")}
    seen = set()
    for line, language, text, file in blocks(name):
        where = f"{name}.md:{line}"
        seen.add(language)
        text = here(text, jobd, place)
        if file:
            (place / file).write_text(text)
        if language == "toml":
            (place / "block.toml").write_text(text)
            answer = subprocess.run([JOBD, "check-config", "--config", place / "block.toml"], capture_output=True, text=True)
            mistakes = [line for line in answer.stderr.splitlines() if "which is not in /" not in line]
            assert answer.returncode in (0, 78) and mistakes == [], f"{where}: {answer}"
        elif language == "sh":
            answer = subprocess.run(
                ["sh", "-ec", text], cwd=place, env=environment, capture_output=True, text=True, timeout=PATIENCE)
            assert answer.returncode == 0, f"{where}: {answer.stdout[-2000:]} {answer.stderr[-2000:]}"
    assert seen & {"sh", "toml"}


# What people copy out


def test_what_people_copy_names_its_licence():
    web = [file for file in (ROOT / "Sources/Web").rglob("*") if file.suffix in (".js", ".ts") and "dashboard" not in file.parts]
    clients = [file for file in (ROOT / "Sources/Clients").iterdir() if file.is_file()]
    hosts = [ROOT / "config/apache/jobd.conf", ROOT / "config/lighttpd/jobd.conf"]
    assert len(web) > 15 and len(clients) >= 3
    for file in web + clients + hosts:
        assert "SPDX-License-Identifier: Apache-2.0" in "".join(file.open().readlines()[:60]), file
    for name in ("AddToAnApplication", "Backend"):
        for _, language, text, file in blocks(name):
            if file and language != "toml":
                assert "SPDX-License-Identifier: Apache-2.0" in text, (name, file)
    text = (ROOT / "config/LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0" in text
    assert "License: Apache-2.0" in (ROOT / "config/debian/copyright").read_text()


# Tables


def described(schema, document):
    """The type of a field as the article has it."""
    if "$ref" in schema:
        kind = schema["$ref"].rpartition("/")[2]
        return "timestamp" if kind == "Moment" else described(document["components"]["schemas"][kind], document)
    if "oneOf" in schema:
        return " or ".join(described(one, document) for one in schema["oneOf"])
    kinds = schema.get("type", "any")
    return " or ".join([kinds] if isinstance(kinds, str) else kinds)


def test_every_field_of_a_job_is_in_the_table(jobd):
    document = jobd.get("/api/openapi.json").json
    rows = {re.fullmatch(r"`(\w+)`", row[0])[1]: row for headings, rows in tables("JobFields") if headings[0] == "field" for row in rows}
    properties = document["components"]["schemas"]["Job"]["properties"]
    jobd.post("/api/jobs", {"jobId": "fields"})
    assert set(rows) == set(jobd.job("fields")) == set(properties)
    for name, row in rows.items():
        assert row[1] == described(properties[name], document), row
    statuses = set(document["components"]["schemas"]["Status"]["enum"])
    assert set(re.findall(r"`(\w+)`", rows["status"][2])) == statuses
    [states] = [rows for headings, rows in tables("Concepts") if headings[0] == "state"]
    assert {row[0].strip("`") for row in states} == statuses


def test_every_limit_that_can_be_changed_has_its_default():
    section, defaults = "", {}
    for line in (ROOT / "config/jobd.toml").read_text().splitlines():
        if match := re.fullmatch(r"#?\[([\w.]+)\]", line):
            section = match[1]
        elif match := re.fullmatch(r"#(\w+) = (.+)", line):
            defaults[f"{section}.{match[1]}"] = match[2]
    [rows] = [rows for headings, rows in tables("Limits") if headings[0] == "key"]
    assert len(rows) >= 20
    for key, default, _ in rows:
        assert defaults[key.strip("`")] == default.strip("`"), key


def test_limits_of_requests_are_those_of_the_description(jobd):
    document = jobd.get("/api/openapi.json").json
    said = {row[0]: row[1] for headings, rows in tables("Limits") if headings[0] == "what" for row in rows}

    def most(path, name):
        parameters = [
            parameter if "name" in parameter else document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
            for parameter in document["paths"][path]["get"]["parameters"]]
        return next(parameter["schema"]["maximum"] for parameter in parameters if parameter["name"] == name)

    assert said["`wait` of a request"] == f"{most('/api/jobs/{id}', 'wait')} seconds"
    assert said["jobs on a page of a list"] == str(most("/api/jobs", "limit"))
    for length, status in ((128, 201), (129, 400)):
        assert jobd.post("/api/jobs", {"jobId": "i" * length}).status == status
    assert said["id of a job"] == "1 to 128 characters"


# Proxies and frameworks


MINI = """
import http from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [kind, file] = process.argv.slice(2);
const config = (await import(pathToFileURL(file))).default;
// What the development server of this kind does with an address: where it goes, and whether the Host stays.
const rules = kind === "vite"
    ? Object.entries(config.server.proxy).map(([key, { target, changeOrigin }]) => [(url) => new RegExp(key).test(url), target, changeOrigin])
    : kind === "webpack"
    ? config.devServer.proxy.map(({ context, target, changeOrigin }) => [(url) => context.some((start) => url.startsWith(start)), target, changeOrigin])
    : (await config.rewrites()).map(({ source, destination }) => [
          (url) => new RegExp(`^${source.replace(/\\/:(\\w+)[*]/, "(/.*)?")}$`).test(url.split("?")[0]), new URL(destination).origin, true]);
// The library of the real ones, where it is asked for.
const library = process.argv[4] && createRequire(import.meta.url)("http-proxy").createProxyServer({});
const server = http.createServer((request, response) => {
    const rule = rules.find(([matches]) => matches(request.url));
    if (!rule) return response.writeHead(404).end("the application");
    if (library) return library.web(request, response, { target: rule[1], changeOrigin: rule[2] });
    const target = new URL(rule[1]);
    const headers = rule[2] ? { ...request.headers, host: target.host } : request.headers;
    request.pipe(http.request({ host: target.hostname, port: target.port, path: request.url, method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
    }));
});
server.on("upgrade", (request, socket, head) => {
    const rule = rules.find(([matches]) => matches(request.url));
    if (library && rule) library.ws(request, socket, head, { target: rule[1], changeOrigin: rule[2] });
    else socket.destroy();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
"""


def passes_on(port, job_id, page, sockets):
    """What pages and jobd say to each other through a proxy: changes, files, events as they happen, WebSockets, modules."""
    through = Service.__new__(Service)
    through.port = port
    job = through.post("/api/jobs", {"jobId": job_id}, headers=page)
    assert job.status == 201, job
    file = through.post("/api/files?name=a.txt", b"text", headers=page)
    assert file.status == 201, file
    assert next(iter(through.stream(job_id))).json["status"] == "pending"
    if sockets:
        from websockets.sync.client import connect
        with connect(f"ws://127.0.0.1:{port}/api/jobd/socket", subprotocols=["jobd.1"]) as told:
            told.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "jobs.get", "params": {"jobId": job_id}}))
            assert json.loads(told.recv(timeout=PATIENCE))["result"]["jobId"] == job_id
    body = {"jobId": job_id, "fileIds": [file.json["fileId"]]}
    assert through.post("/api/file-manager/process", body, headers=page).status == 202
    assert through.wait(job_id)["status"] == "completed"
    assert through.get("/jobd/job-upload.js").status == 200
    return through


def test_an_nginx_passes_on_what_is_jobds(jobd, tmp_path):
    [server] = [text for _, language, text, _ in blocks("DevelopmentProxy") if language == "nginx"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = here(server, jobd, tmp_path).replace("listen 8000", f"listen 127.0.0.1:{port}").replace("/srv/www", str(tmp_path))
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{ access_log off;\n{folders}{server} }}\n")
    proxy = subprocess.Popen(["nginx", "-c", tmp_path / "nginx.conf", "-g", "daemon off;"])
    try:
        def answers():
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0

        wait_for(answers, "nginx")
        through = passes_on(port, "through-nginx", {"Origin": f"http://127.0.0.1:{port}"}, sockets=True)
        assert through.get("/api/users").headers["content-type"] == "text/html"
    finally:
        proxy.terminate()
        proxy.wait(PATIENCE)


@pytest.mark.parametrize("by", ["itself", "http-proxy"])
@pytest.mark.parametrize("kind, file", [("vite", "vite.config.js"), ("webpack", "webpack.config.cjs"), ("next", "next.config.mjs")])
def test_a_development_server_passes_on_what_is_jobds(jobd, tmp_path, kind, file, by, full):
    if by != "itself" and not full:
        pytest.skip("the library of development servers: with --full")
    [text] = [text for _, _, text, name in blocks("DevelopmentProxy") if name == file]
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / file).write_text(here(text, jobd, tmp_path))
    (tmp_path / "mini.mjs").write_text(MINI)
    proxy = subprocess.Popen(["node", "mini.mjs", kind, file, *([by] if by != "itself" else [])], cwd=tmp_path, stdout=subprocess.PIPE, text=True,
                             env={**os.environ, "NODE_PATH": "/usr/share/nodejs"})
    try:
        port = int(proxy.stdout.readline())
        # With another Host, the page would be one of another site; Next.js's rewrites have one, which its section says.
        page = {"Origin": f"http://127.0.0.1:{port}"} if kind != "next" else {}
        through = passes_on(port, f"through-{kind}-{by}", page, by != "itself")
        assert through.get("/api/users").body == b"the application"
    finally:
        proxy.terminate()
        proxy.communicate(timeout=PATIENCE)


def test_frameworks_use_what_the_elements_have():
    """Attributes and events of the samples are those of the article about pages, or of every element."""
    known = set(re.findall(r"`([\w-]+)`", article("Browser")))
    samples = "".join(text for _, _, text, _ in blocks("Frameworks"))
    tags = re.findall(r"<(job-\w+)([^>]*)>", re.sub(r"=>", "", samples))
    assert len(tags) >= 3
    names = {name for _, attributes in tags for name in re.findall(r"\s[:@]?([\w-]+)(?:\.prop)?=", attributes)}
    events = {name.removeprefix("on") if name.startswith("onjob-") else name for name in names} - {"ref"}
    assert {"remember", "job-end"} <= events <= known, events - known


REACT = """
import { useCallback, useState } from "react";
import { createRoot } from "react-dom";
import { Upload } from "./upload.jsx";
import { useJob } from "./job.jsx";

const metadata = { orderId: 17 };

function Status({ jobId }) {
    const job = useJob(jobId);
    return <p id="status">{job?.status}</p>;
}

function Page() {
    const [ended, setEnded] = useState(null);
    const onEnd = useCallback((job) => setEnded(job), []);
    return <><Upload metadata={metadata} onEnd={onEnd} />{ended && <Status jobId={ended.jobId} />}</>;
}

createRoot(document.getElementById("root")).render(<Page />);
"""


def test_the_samples_for_react_run(jobd, full, tmp_path, request):
    """Bundled, in a page, with a file."""
    if not full:
        pytest.skip("React and a bundler: with --full")
    browser = request.getfixturevalue("browser")
    [page] = [text for _, language, text, _ in blocks("Frameworks") if language == "html"]
    upload, job = (text for _, language, text, _ in blocks("Frameworks") if language == "jsx")
    for name, text in {"upload.jsx": upload, "job.jsx": job, "main.jsx": REACT}.items():
        (tmp_path / name).write_text(text)
    folder = jobd.directory / "web/demo"
    subprocess.run(
        ["esbuild", "main.jsx", "--bundle", "--format=esm", "--jsx=automatic", f"--outfile={folder}/react.js",
         '--define:process.env.NODE_ENV="production"'],
        cwd=tmp_path, check=True, env={**os.environ, "NODE_PATH": "/usr/share/nodejs"})
    (folder / "react.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>React</title><link rel="icon" href="icon.svg">{page}'
        '<div id="root"></div><script type="module" src="react.js"></script>')
    browser.open(jobd, "/demo/react.html")
    browser.wait("return document.querySelector('job-upload')?.shadowRoot?.querySelector('input') != null", "the element")
    browser.inside("job-upload", "input").send_keys(str(CONTRACT))
    browser.wait("return document.getElementById('status')?.textContent === 'completed'", "the end of the job")
    [listed] = [job for job in jobd.get("/api/jobs?limit=500").json["jobs"] if job["metadata"] == {"orderId": 17}]
    assert listed["status"] == "completed" and browser.uncaught() == []


VUE_2 = """
Vue.config.ignoredElements = [/^job-/];
const app = new Vue({ components: { Upload: { ...sample, setup: undefined, computed: { props() { return this.$props; } }, methods: { emit(...all) { this.$emit(...all); } } } },
    data: () => ({ ended: "" }), template: '<div><Upload :order-id="18" @done="(job) => (ended = job.status)"></Upload><p id="status">{{ ended }}</p></div>' });
app.$mount("#root");
"""
VUE_3 = """
const app = Vue.createApp({ components: { Upload: sample }, data: () => ({ ended: "" }),
    template: '<Upload :order-id="18" @done="(job) => (ended = job.status)"></Upload><p id="status">{{ ended }}</p>' });
app.config.compilerOptions.isCustomElement = (tag) => tag.startsWith("job-");
app.mount("#root");
"""


@pytest.mark.parametrize("file, mount", [
    (pathlib.Path("/usr/share/javascript/vue/vue.js"), VUE_2),
    (ROOT / ".build/python/trame_client/module/vue3-www/vue.global.js", VUE_3),
], ids=["2", "3"])
def test_the_sample_for_vue_runs(full, tmp_path, request, file, mount):
    """Its template as it is printed, compiled in the page; the names that its script makes are the component's own."""
    if not full:
        pytest.skip("Vue: with --full")
    browser = request.getfixturevalue("browser")
    [sample] = [text for _, language, text, _ in blocks("Frameworks") if language == "vue"]
    assert "const props = defineProps({ orderId: Number });" in sample and 'const emit = defineEmits(["done"]);' in sample
    template = re.search(r"(?s)<template>(.*)</template>", sample)[1]
    [page] = [text for _, language, text, _ in blocks("Frameworks") if language == "html"]
    shutil.copy(file, tmp_path / "vue.js")
    (tmp_path / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Vue</title><link rel="icon" href="data:,">{page}'
        f'<div id="root"></div><script src="vue.js"></script><script>const sample = {{ props: {{ orderId: Number }}, emits: ["done"],'
        f" setup: (props, {{ emit }}) => ({{ props, emit }}), template: {json.dumps(template)} }};{mount}</script>")
    jobd = Service(arguments=["--pages", str(tmp_path)])
    try:
        browser.open(jobd.start(), "/")
        browser.wait("return document.querySelector('job-upload')?.shadowRoot?.querySelector('input') != null", "the element")
        assert browser.run("return document.querySelector('job-upload').metadata") == {"orderId": 18}
        browser.inside("job-upload", "input").send_keys(str(CONTRACT))
        browser.wait("return document.getElementById('status')?.textContent === 'completed'", "the end of the job")
        assert [job["metadata"] for job in jobd.get("/api/jobs").json["jobs"]] == [{"orderId": 18}] and browser.uncaught() == []
    finally:
        jobd.discard()


# Other web servers


HOSTS = {
    "caddy": lambda file: ["caddy", "run", "--config", file, "--adapter", "caddyfile"],
    "haproxy": lambda file: ["haproxy", "-db", "-f", file],
    "h2o": lambda file: ["h2o", "-c", file],
}


@pytest.mark.parametrize("host", HOSTS)
def test_another_web_server_carries_a_job(jobd, tmp_path, host, full):
    """As its section says, with this service's socket and a port of its own."""
    if not shutil.which(host, path=f"{os.environ['PATH']}:/usr/sbin"):
        assert not full, f"{host} is not installed"
        pytest.skip("web servers that the other tests do not need: with --full")
    [text] = [text for _, language, text, _ in blocks("WebServers") if language == host]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = text.replace("/run/jobd/fastcgi.sock", str(jobd.directory / "run/fastcgi.sock"))
    text = text.replace("/usr/share/jobd/web", str(ROOT / "Sources/Web"))
    text = text.replace("bind :80", f"bind 127.0.0.1:{port}").replace("port: 80", f"host: 127.0.0.1\n      port: {port}")
    text = text.replace("jobs.example.com {", f"{{\n\tadmin off\n}}\nhttp://127.0.0.1:{port} {{")
    if host == "h2o" and os.getuid() == 0:
        text = "user: root\n" + text
    file = tmp_path / host
    file.write_text(text)
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen(
            HOSTS[host](file), stdout=log, stderr=log,
            env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin", "XDG_DATA_HOME": str(tmp_path)})
    try:
        through = Service.__new__(Service)
        through.port = port
        job = f"by-{host}"

        def accepts():
            assert server.poll() is None, (tmp_path / "log").read_text()
            try:
                return through.post("/api/jobs", {"jobId": job, "jobType": "import"})
            except OSError:
                return False

        assert wait_for(accepts, host).status in (200, 201)
        stream = through.stream(job)
        assert next(iter(stream)).json["jobId"] == job
        stream.connection.close()
        large = through.upload(b"x" * 3_000_000, "large.txt")
        assert large["size"] == 3_000_000
        assert through.wait(through.process()["jobId"])["status"] == "completed"
        if host != "haproxy":
            assert through.get("/jobd/job-upload.js").status == 200
    finally:
        # Asked politely, some wait for streams whose reader has left.
        server.kill()
        server.wait(PATIENCE)
