"""What Prometheus is told: read with its own parser, and compared with what happened."""

import json
import os
import re

from prometheus_client.parser import text_string_to_metric_families

from service import ROOT, one_step, wait_for


def scrape(jobd):
    answer = jobd.get("/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {family.name: family for family in text_string_to_metric_families(answer.body.decode())}


def value(families, name, **labels):
    """The only sample with this name and these labels, among others."""
    [sample] = [
        sample for family in families.values() for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()]
    return sample.value


def test_it_counts_what_happens(start):
    jobd = start(one_step("run = ['sh', '-c', 'test -s \"$JOBD_INPUT\"']"))
    jobd.wait(jobd.process(b"full")["jobId"])
    failed = jobd.wait(jobd.process(b"")["jobId"])
    assert failed["status"] == "failed"
    jobd.post("/api/jobs", {"jobId": "waits"})
    jobd.post("/api/jobs/waits/cancel", {})
    jobd.post("/api/jobs", {"jobId": "pending"})
    assert jobd.get("/api/jobs/unknown").status == 404
    families = scrape(jobd)
    counts = {
        event: value(families, f"jobd_jobs_{event}_total", queue="default")
        for event in ("created", "started", "completed", "failed", "cancelled")}
    assert counts == {"created": 4, "started": 2, "completed": 1, "failed": 1, "cancelled": 1}
    for status, count in {"pending": 1, "queued": 0, "completed": 1, "failed": 1, "cancelled": 1}.items():
        assert value(families, "jobd_jobs", queue="default", status=status) == count
    for histogram in ("jobd_job_wait_seconds", "jobd_job_run_seconds"):
        assert value(families, f"{histogram}_count", queue="default") == 2
        assert value(families, f"{histogram}_bucket", queue="default", le="+Inf") == 2
    assert value(families, "jobd_commit_batch_size_sum") >= value(families, "jobd_commit_batch_size_count") > 6
    assert value(families, "jobd_files") == 2 and value(families, "jobd_files_bytes") == 4
    # Each front reports once a second.
    expected = {("createJob", "2xx"): 2, ("getJob", "4xx"): 1, ("process", "2xx"): 2, ("cancelJob", "2xx"): 1}

    def answered():
        samples = [sample for family in scrape(jobd).values() for sample in family.samples]
        return {
            (sample.labels["operation"], sample.labels["status"]): sample.value for sample in samples
            if sample.name == "jobd_http_requests_total"}

    wait_for(lambda: expected.items() <= answered().items(), "the fronts' reports")


def test_it_says_how_the_daemon_is(start):
    jobd = start()
    jobd.post("/api/jobs", {"jobId": "a"})
    streams = [jobd.stream("a") for _ in range(3)]

    def reported():
        families = scrape(jobd)
        return families if value(families, "jobd_streams") == 3 and value(families, "jobd_fronts") == 2 else None

    families = wait_for(reported, "the fronts' reports")
    [pid] = jobd.part("serve")
    proc = f"/proc/{pid}"
    assert value(families, "jobd_watches") >= 1 and value(families, "jobd_control_connections") >= 2
    assert value(families, "jobd_store_writable") == 1
    assert value(families, "jobd_queue_paused", queue="default") == 0
    assert 0 < value(families, "jobd_storage_free_bytes") < value(families, "jobd_storage_size_bytes")
    status = open(f"{proc}/status").read()
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
    assert 0.5 < value(families, "process_resident_memory_bytes") / resident < 2
    assert value(families, "process_open_fds") - len(os.listdir(f"{proc}/fd")) in range(-3, 4)
    started = os.stat(proc).st_mtime
    assert abs(value(families, "process_start_time_seconds") - started) < 60
    jobd.post("/api/queues/default/pause")
    assert value(scrape(jobd), "jobd_queue_paused", queue="default") == 1
    assert value(scrape(jobd), "jobd_queue_oldest_seconds", queue="default") == 0
    del streams


def test_every_figure_is_named_and_explained_as_prometheus_asks(jobd):
    text = jobd.get("/metrics").body.decode()
    families = scrape(jobd)
    names = re.findall(r"^# HELP (\S+) \S", text, re.MULTILINE)
    assert len(names) == len(set(names)) == len(families) and re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE) == names
    for name in names:
        assert re.fullmatch(r"(jobd|process)_[a-z_]+[a-z]", name)
    for family in families.values():
        assert family.type in ("counter", "gauge", "histogram") and family.documentation.endswith(".")
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
        for sample in family.samples:
            assert not re.search("milli|micro|kilo|mega|_ms|_kb", sample.name)
    assert jobd.jobctl("metrics", check=0).stdout.splitlines()[0] == text.splitlines()[0]
    assert json.loads(jobd.jobctl("metrics", "--json", check=0).stdout)["text"].startswith("# HELP jobd_")


def test_the_dashboard_shows_figures_that_exist(jobd):
    jobd.post("/api/jobs", {"jobId": "dashboard"})
    wait_for(lambda: "jobd_http_requests_total{" in jobd.get("/metrics").body.decode(), "the fronts' reports")
    told = {
        sample.name for family in scrape(jobd).values() for sample in family.samples}
    dashboard = json.loads((ROOT / "config/grafana.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    expressions += [variable["query"] for variable in dashboard["templating"]["list"]]
    named = {name for text in expressions for name in re.findall(r"\b(?:jobd|process)_[a-z_]+", text)}
    # There are only as many of these as there are webhooks.
    of_webhooks = {"jobd_webhook_pending", "jobd_webhook_oldest_seconds"}
    assert len(named) > 20 and named - of_webhooks <= told, named - told
    # And what is counted can be seen.
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in named}
    rest = {re.sub("_(bucket|sum|count)$", "", name) for name in told} - shown
    assert rest == {"process_virtual_memory_bytes"}


def test_the_versions_are_told(jobd):
    version = json.loads(jobd.jobctl("version", "--json", check=0).stdout)
    assert version["client"] == version["daemon"] == jobd.jobctl("--version", check=0).stdout.strip()
    told = jobd.jobctl("version", check=0)
    assert told.stdout == f"jobctl {version['client']}\njobd {version['client']}\n" and told.stderr == ""
    assert jobd.get("/api/openapi.json").json["info"]["version"] == version["client"]
