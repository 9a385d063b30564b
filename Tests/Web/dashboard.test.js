import assert from "node:assert/strict";
import { test } from "node:test";
import { jobAddress, listAddress, matches, readAddress } from "../../Sources/Web/dashboard/address.js";
import { boundsOf, localText, momentOf } from "../../Sources/Web/dashboard/created.js";
import { ceiling, known, linePath } from "../../Sources/Web/dashboard/chart-lines.js";
import { JobList } from "../../Sources/Web/dashboard/job-list.js";
import { Pulse } from "../../Sources/Web/dashboard/pulse.js";
import { job } from "./scripted-server.js";

const all = { status: [], queue: "", type: "", q: "" };

test("what is filtered stands in the address, and comes back from it", () => {
  const filter = {
    status: ["queued", "failed"], queue: "slow", type: "import", q: "a&b=c d", since: "2026-11-23T12:00:00.000Z", until: "2026-11-24T12:00:00.000Z", order: "oldest",
  };
  assert.deepEqual(readAddress(listAddress(filter).slice(2)), { job: null, batch: null, view: null, filter });
  assert.equal(listAddress(all), "./");
  assert.deepEqual(readAddress("?status=nonsense,failed").filter.status, ["failed"]);
  const { since, until, order } = readAddress("?since=toString&until=1h&order=up").filter;
  assert.deepEqual([since, until, order, readAddress("?since=1h").filter.since], ["", "", "", "1h"]);
  assert.equal(readAddress(jobAddress("a:b.c_d-e").slice(2)).job, "a:b.c_d-e");
});

test("what comes live is filtered as the service filters", () => {
  const one = job(1, { jobId: "Contract-7", queue: "default", message: "Reading Rows", createdAt: "2026-11-23T12:00:00.000Z", files: [{ name: "Lease.PDF" }] });
  for (const [change, answer] of [
    [{}, true], [{ status: ["processing"] }, true], [{ status: ["failed"] }, false], [{ queue: "default" }, true], [{ queue: "x" }, false],
    [{ type: "import" }, true], [{ type: "x" }, false], [{ q: "Contract" }, true], [{ q: "contract-7" }, true], [{ q: "ntract" }, false], [{ q: "rows" }, true],
    [{ q: "lease" }, true], [{ q: "nothing" }, false],
    [{ since: one.createdAt }, true], [{ until: one.createdAt }, false], [{ since: "2000-01-01T00:00:00.000Z", until: "2100-01-01T00:00:00.000Z" }, true],
  ]) assert.equal(matches(one, { ...all, ...change }), answer, JSON.stringify(change));
});

/** Jobs 1 to `count`, the newest first, in pages as the service gives them. */
function pages(count, pageSize) {
  const jobs = Array.from({ length: count }, (_, index) => numbered(count - index));
  return async ({ cursor }) => {
    const begin = cursor ?? 0;
    const end = begin + pageSize;
    return { jobs: jobs.slice(begin, end), nextCursor: end < jobs.length ? end : null };
  };
}

function numbered(number, fields = {}) {
  return job(1, { jobId: `job-${number}`, createdAt: `2026-11-23T12:00:${String(number).padStart(2, "0")}.000Z`, ...fields });
}

const ids = (list) => list.rows.map((row) => row.job.jobId);

test("pages follow each other, one at a time, each job once", async () => {
  const list = new JobList(all, pages(7, 3));
  assert.deepEqual(await Promise.all([list.loadMore(), list.loadMore()]), [true, true]);
  assert.equal(list.rows.length, 3);
  while (!list.isComplete) await list.loadMore();
  assert.deepEqual(ids(list), ["job-7", "job-6", "job-5", "job-4", "job-3", "job-2", "job-1"]);
  assert.equal(await list.loadMore(), false);
});

test("changes find their place", async () => {
  const list = new JobList({ ...all, status: ["processing"] }, pages(5, 3));
  await list.loadMore();
  list.change(numbered(9));
  list.change(numbered(4, { version: 3, progress: 70 }));
  list.change(numbered(4, { version: 2, progress: 50 }));
  assert.equal(list.rows.find((row) => row.job.jobId === "job-4").job.progress, 70, "older states change nothing");
  list.change(numbered(5, { version: 2, status: "completed" }));
  list.change(numbered(2, { version: 2 }));
  // What no longer belongs has gone; what is below all that is loaded comes with its page.
  assert.deepEqual(ids(list), ["job-9", "job-4", "job-3"]);
  list.remove("job-9");
  await list.loadMore();
  assert.deepEqual(ids(list), ["job-4", "job-3", "job-2", "job-1"]);
  list.change(numbered(5, { version: 4 }));
  assert.equal(ids(list)[0], "job-5", "what belongs again comes back");
});

test("the oldest come first where it is asked for, and new ones at the end", async () => {
  const jobs = [1, 2, 3, 4].map((number) => numbered(number));
  const list = new JobList({ ...all, order: "oldest" }, async ({ cursor }) =>
    cursor ? { jobs: jobs.slice(2), nextCursor: null } : { jobs: jobs.slice(0, 2), nextCursor: "2" });
  await list.loadMore();
  list.change(numbered(9));
  assert.deepEqual(ids(list), ["job-1", "job-2"], "it comes with its page");
  await list.loadMore();
  list.change(numbered(9));
  assert.deepEqual(ids(list), ["job-1", "job-2", "job-3", "job-4", "job-9"]);
});

test("an age is a moment when it is asked for", () => {
  const now = Date.parse("2026-11-23T12:00:00.000Z");
  assert.deepEqual(boundsOf({ since: "1h" }, now), { createdSince: "2026-11-23T11:00:00.000Z", createdBefore: "" });
  const moment = "2026-03-04T05:06:00.000Z";
  assert.equal(momentOf(localText(moment)), moment);
  assert.deepEqual([localText(""), momentOf(""), momentOf("soon")], ["", "", ""]);
});

test("what was missed is asked for again", async () => {
  let jobs = [numbered(1)];
  const list = new JobList(all, async () => ({ jobs: [...jobs], nextCursor: null }));
  await list.loadMore();
  jobs = [numbered(3), numbered(2), numbered(1, { version: 2 })];
  await list.refresh();
  assert.deepEqual(ids(list), ["job-3", "job-2", "job-1"]);
  assert.equal(list.rows[2].job.version, 2);
});

test("minutes before the daemon's start are gaps", () => {
  const at = (minute) => ({ at: `2026-11-23T12:0${minute}:00.000Z`, created: 0, waitMs: { p50: null }, runMs: {} });
  const minutes = known([0, 1, 2, 3].map(at), "2026-11-23T12:03:59.000Z");
  assert.equal(minutes.length, 4);
  assert.equal(linePath(minutes.map(({ created }) => created), 1, 3, 10), "M3 10h-2");
  assert.equal(linePath(minutes.map(({ waitMs }) => waitMs.p50), 1), "");
});

test("a chart's top is a round number, and its line has gaps where there was nothing", () => {
  assert.deepEqual([0, 0.4, 1, 3, 10, 11, 4200].map(ceiling), [1, 0.5, 1, 5, 10, 20, 5000]);
  assert.equal(linePath([0, 5, 10], 10, 20, 10), "M0 10L10 5L20 0");
  assert.equal(linePath([null, 5, null, 10], 10, 30, 10), "M10 5h2M30 0h-2");
  assert.equal(linePath([null, null], 1), "");
});

test("a service that does not answer is told of, once for each question, and so is that it answers again", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const answers = [{ streams: 1 }, new Error("hangs"), { streams: 2 }];
  const heard = [];
  const questions = [];
  const pulse = new Pulse(async (options) => {
    questions.push(options);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  }, { onStatistics: ({ streams }) => heard.push(streams), onTrouble: ({ message }) => heard.push(message) });
  pulse.start();
  await new Promise(setImmediate);
  t.mock.timers.tick(3000);
  await new Promise(setImmediate);
  await pulse.look();
  assert.deepEqual(heard, [1, "hangs", 2]);
  assert.ok(questions.every(({ repeat, timeoutMs }) => repeat === false && timeoutMs <= 5000), "it must not wait itself");
});
