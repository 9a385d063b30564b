import assert from "node:assert/strict";
import { test } from "node:test";
import "./dashboard-paths.js";
import { job } from "./scripted-server.js";

const { BULK_LIMIT, bulkBody, described, outcome, question, statesOf } = await import("../../Sources/Web/dashboard/bulk.js");
const { MatchingJobs, TickedJobs } = await import("../../Sources/Web/dashboard/chosen-jobs.js");
const { Ticks } = await import("../../Sources/Web/dashboard/ticks.js");
const { factsOf, runnerOf } = await import("../../Sources/Web/dashboard/facts.js");
const { holdersOf, isElsewhere } = await import("../../Sources/Web/dashboard/holders.js");
const { allOf, KnownJobs } = await import("../../Sources/Web/dashboard/known-jobs.js");
const { batchAddress, readAddress, viewAddress } = await import("../../Sources/Web/dashboard/address.js");
const { about, countsOf, newsOf, reasonOf, until } = await import("../../Sources/Web/dashboard/words.js");

const all = { status: [], queue: "", type: "", q: "" };

test("every page has an address, and what is none is the list", () => {
  assert.equal(readAddress(batchAddress("b 1/2").slice(2)).batch, "b 1/2");
  assert.equal(readAddress(viewAddress("workers").slice(2)).view, "workers");
  assert.equal(readAddress("?view=constructor").view, null);
});

test("many jobs are changed in the states that allow it, and of those that the filter shows", () => {
  assert.deepEqual(statesOf("retry", all), ["failed", "cancelled"]);
  assert.deepEqual(statesOf("retry", { ...all, status: ["queued", "failed"] }), ["failed"]);
  assert.deepEqual(statesOf("cancel", { ...all, status: ["completed"] }), []);
  assert.deepEqual(bulkBody("delete", { status: ["failed", "completed"], queue: "slow", type: "import", q: "a b" }), {
    action: "delete", status: "failed,completed", limit: BULK_LIMIT, queue: "slow", jobType: "import", q: "a b",
  });
  assert.deepEqual(bulkBody("retry", all), { action: "retry", status: "failed,cancelled", limit: BULK_LIMIT });
});

test("before many jobs are changed it is said which, and how many", () => {
  assert.equal(described("cancel", { ...all, status: ["queued"], queue: "slow" }), "Queued, in the queue slow");
  assert.equal(described("delete", { ...all, q: "lease" }), "Completed, Failed or Cancelled, found by “lease”");
  const asked = question("delete", described("delete", all), 1473);
  assert.equal(asked.question, "Delete 1,473 jobs?");
  assert.match(asked.explanation, /cannot be undone/);
  assert.doesNotMatch(asked.explanation, /There may be more/);
  assert.match(question("cancel", "Queued", BULK_LIMIT).explanation, /There may be more/);
  assert.equal(outcome("retry", { done: 1, refused: 0 }), "1 job was retried.");
  assert.equal(outcome("delete", { done: 5, refused: 2, reason: "The disk is full." }), "5 jobs were deleted. 2 were refused: The disk is full.");
});

test("jobs are ticked one by one or from one to another, and those that have left the list are not among them", () => {
  const rows = ["a", "b", "c", "d"].map((jobId) => ({ job: job(1, { jobId }) }));
  let changes = 0;
  const ticks = new Ticks(() => changes++);
  const ticked = (list = rows) => ticks.of(list).map(({ jobId }) => jobId).join("");
  ticks.toggle("a", rows, true);
  assert.equal(ticked(), "a");
  ticks.toggle("c", rows, true);
  assert.equal(ticked(), "abc");
  ticks.toggle("b", rows);
  assert.equal(ticked(), "ac");
  ticks.toggle("d", rows, true);
  assert.equal(ticked(), "abcd");
  assert.equal(ticked(rows.slice(2)), "cd");
  assert.deepEqual([ticks.clear(), ticked(), ticks.clear(), changes], [true, "", false, 5]);
});

test("of the ticked jobs those are changed that may be, and the number is that of them", async () => {
  const jobs = ["failed", "cancelled", "queued", "processing"].map((status) => job(1, { jobId: status, status }));
  jobs.push({ ...jobs[3], cancelRequestedAt: "2026-11-23T12:00:00.000Z" });
  const done = [];
  const chosen = new TickedJobs(jobs, {
    retry: async ({ jobId }) => (jobId === "failed" ? done.push(jobId) : Promise.reject(new Error("It was deleted."))),
  });
  assert.deepEqual([chosen.label("retry"), chosen.label("cancel"), await chosen.count("retry")], ["Retry 2…", "Cancel 2…", 2]);
  assert.match(question("retry", chosen.described("retry"), 2).explanation, /^Of the 5 jobs that are ticked, those whose state allows it\./);
  assert.deepEqual(await chosen.change("retry"), { done: 1, refused: 1, reason: "It was deleted." });
  assert.deepEqual(done, ["failed"]);
  const queued = new TickedJobs(jobs.slice(2, 3), {});
  assert.deepEqual([queued.label("retry"), queued.mayBe("retry"), queued.described("cancel")], ["Retry", false, "The jobs that are ticked"]);
});

test("all that match a filter are counted by the service before they are changed", async () => {
  const asked = [];
  const chosen = new MatchingJobs({ ...all, queue: "slow" }, async (body) => asked.push(body) && { matched: 7, done: 7, refused: 0 });
  assert.equal(chosen.label("retry"), "Retry all…");
  assert.equal(await chosen.count("retry"), 7);
  assert.deepEqual(await chosen.change("retry"), { matched: 7, done: 7, refused: 0 });
  assert.deepEqual(asked.map(({ dryRun, queue }) => [dryRun, queue]), [[true, "slow"], [undefined, "slow"]]);
});

test("who works elsewhere is told from the jobs that run", () => {
  const running = (jobId, fields) => job(1, { jobId, status: "processing", startedAt: "2026-11-23T12:00:00.000Z", ...fields });
  const holders = holdersOf([
    running("a", { runner: "worker", worker: "w 1" }), running("b", { runner: "jobd" }), running("c", { runner: "application" }),
    running("d", { runner: "worker", worker: "w 2" }), running("e", { runner: "worker", worker: "w 2" }),
    running("f", { runner: "worker", worker: null }), running("g", { runner: "worker", worker: "w 2", status: "completed" }),
  ]);
  assert.deepEqual(holders.map(({ name, jobs }) => [name, jobs.map(({ jobId }) => jobId)]), [
    ["w 2", ["d", "e"]], ["The application", ["c"]], ["A worker without a name", ["f"]], ["w 1", ["a"]],
  ]);
});

test("what comes live and what was asked for may cross", async () => {
  const one = (jobId, version, fields) => job(1, { jobId, version, status: "processing", runner: "worker", ...fields });
  const known = new KnownJobs(isElsewhere);
  const ids = () => known.jobs.map(({ jobId }) => jobId).sort();
  assert.equal(known.take(one("a", 1)), true);
  assert.equal(known.take(one("a", 1)), false, "it is not news");
  known.take(one("b", 1));
  known.take(one("left", 1));
  await known.refresh(async () => {
    // Meanwhile one ends, one is deleted, and one begins.
    known.take(one("a", 2, { status: "completed" }));
    known.remove("b");
    known.take(one("new", 1));
    return [one("a", 1), one("b", 1), one("c", 1)];
  }, { isAll: true });
  assert.deepEqual(ids(), ["c", "new"]);
  await known.refresh(async () => [one("d", 1)], { isAll: false });
  assert.deepEqual(ids(), ["c", "d", "new"]);
  await assert.rejects(known.refresh(async () => { throw new Error("away"); }, { isAll: true }), /away/);
  await known.refresh(async () => [], { isAll: true });
  assert.deepEqual(ids(), []);
});

test("all pages of a query are read, and not for ever", async () => {
  const asked = [];
  const page = async ({ cursor, status, limit }) => {
    asked.push([cursor, status, limit]);
    return { jobs: [job(1, { jobId: `job-${asked.length}` })], nextCursor: asked.length < 3 ? `c${asked.length}` : null };
  };
  assert.deepEqual((await allOf(page, { status: "failed" })).map(({ jobId }) => jobId), ["job-1", "job-2", "job-3"]);
  assert.deepEqual(asked, [[null, "failed", 500], ["c1", "failed", 500], ["c2", "failed", 500]]);
  const endless = await allOf(async () => ({ jobs: [job(1)], nextCursor: "more" }), {});
  assert.equal(endless.length, 10);
});

test("a job's facts lead to those that it has to do with", () => {
  const facts = new Map(factsOf(job(1, {
    status: "processing", runner: "worker", worker: "w 1", leaseExpiresAt: "2026-11-23T12:10:00.000Z", limitKey: "k", dedupeKey: "d",
    after: ["a", "b&c"], batchId: "b 1", schedule: "nightly", crashes: 0, releases: 1, maxAttempts: 2, attempt: 2, owner: "ada",
  })));
  assert.equal(facts.get("Run by"), "worker w 1");
  assert.deepEqual(facts.get("After"), [{ text: "a", href: "./?job=a" }, { text: "b&c", href: "./?job=b%26c" }]);
  assert.deepEqual(facts.get("Batch"), { text: "b 1", href: "./?batch=b+1" });
  assert.deepEqual(facts.get("Schedule"), { text: "nightly", href: "./?view=schedules" });
  assert.deepEqual(["Owner", "Limit key", "Dedupe key", "Attempt", "Crashes", "Given back"].map((name) => facts.get(name)), ["ada", "k", "d", "2 of 3", null, 1]);
  assert.ok(facts.get("Lease ends"));
  assert.equal(new Map(factsOf(job(1, { status: "completed", leaseExpiresAt: "2026-11-23T12:10:00.000Z" }))).get("Lease ends"), null);
  assert.deepEqual([null, "jobd", "application", "worker"].map((runner) => runnerOf({ runner, worker: null })), [null, "this service", "the application", "a worker"]);
});

test("why a job waits is said with its place and about when", () => {
  assert.equal(reasonOf({ position: 0, estimateSeconds: null }), "It is the next of its queue.");
  assert.equal(reasonOf({ position: 1, estimateSeconds: 0 }), "1 job of its queue is before it. It may start in less than a second.");
  assert.equal(reasonOf({ position: 2000, estimateSeconds: 300 }), "2,000 jobs of its queue are before it. It may start in about 5 min.");
  assert.equal(reasonOf({ position: null, estimateSeconds: null }), "");
  assert.equal(about(40), "about 40 s");
  assert.equal(until("2026-11-23T12:05:00.000Z", Date.parse("2026-11-23T12:00:00.000Z")), "in 5 min");
  assert.equal(until("2026-11-23T11:00:00.000Z", Date.parse("2026-11-23T12:00:00.000Z")), "now");
  assert.equal(countsOf({ pending: 0, queued: 3, failed: 1 }), "3 queued, 1 failed");
  assert.equal(countsOf({ pending: 0 }), "no jobs");
});

test("a list says what a job waits for, and who runs it elsewhere", () => {
  const news = (fields) => newsOf(job(1, { message: null, step: null, ...fields }));
  assert.equal(news({ status: "blocked", after: ["a"] }), "Waits for a");
  assert.equal(news({ status: "blocked", after: ["a", "b", "c"], message: "Merge" }), "Waits for a and 2 more \u00b7 Merge");
  assert.equal(news({ status: "blocked", after: null }), "Waits for its batch");
  const runAt = "2026-11-23T12:00:00.000Z";
  assert.match(news({ status: "scheduled", attempt: 0, runAt }), /^Starts at \S/);
  assert.match(news({ status: "scheduled", attempt: 2, runAt, message: "Half way" }), /^Attempt 2 failed; the next is at \S.* \u00b7 Half way$/);
  assert.equal(news({ status: "processing", runner: "worker", worker: "w 1" }), "Run by w 1");
  assert.equal(news({ status: "processing", runner: "worker", worker: "w 1", message: "Encoding" }), "Encoding");
  assert.equal(news({ status: "processing", runner: "jobd", step: "extract-text", message: "Extract text" }), "extract-text");
  assert.equal(news({ status: "completed", runner: "worker", worker: "w 1" }), "");
  assert.equal(news({ status: "failed", error: { code: "exit", message: "It is locked." } }), "It is locked.");
});
