import assert from "node:assert/strict";
import { test } from "node:test";
import "./dashboard-paths.js";
import { job } from "./scripted-server.js";

const { groupsOf } = await import("../../Sources/Web/dashboard/error-groups.js");
const { problemsOf } = await import("../../Sources/Web/dashboard/problems.js");
const { readAddress } = await import("../../Sources/Web/dashboard/address.js");

const minute = (failed, p95 = null) => ({ at: "2026-11-23T11:00:00.000Z", failed, waitMs: { p50: null, p95 } });
const queue = (fields) => ({ name: "default", width: 2, running: 2, queued: 0, paused: false, ...fields });
const statistics = (fields) => ({ startedAt: "2026-11-20T12:00:00.000Z", storage: { files: 1, bytes: 10, freeBytes: 50e9 }, queues: [queue()], minutes: [minute(0)], ...fields });

test("a service that is well has no problem, and nor has one of which nothing is known", () => {
  assert.deepEqual(problemsOf({ statistics: statistics() }), []);
  assert.deepEqual(problemsOf({}), []);
  // A queue that works what it has, however much it is.
  assert.deepEqual(problemsOf({ statistics: statistics({ queues: [queue({ queued: 500 })], minutes: [minute(0, 900)] }) }), []);
  assert.deepEqual(problemsOf({ statistics: statistics({ queues: [queue({ paused: true, running: 0 })] }) }), []);
});

test("what is wrong is said with what to do, the worst first", () => {
  const idle = { statistics: statistics({ queues: [queue({ running: 0, queued: 1 })] }) };
  assert.deepEqual(problemsOf(idle), [], "it may begin in a moment");
  assert.deepEqual(problemsOf({ ...idle, before: statistics() }), []);
  const found = problemsOf({
    before: statistics({ queues: [queue({ name: "b", running: 0, queued: 1 })] }),
    trouble: "The service is drained.", abandoned: 1, late: [{ webhook: "shop", problem: "Nobody answers." }, { webhook: "shop", problem: "500" }], failures: [{ count: 9, message: "It is locked. Open it." }, { count: 1, message: "no" }],
    statistics: statistics({
      storage: { files: 1, bytes: 1, freeBytes: 5e8 }, minutes: [minute(0), minute(12, 200_000)],
      queues: [queue({ name: "a", paused: true, queued: 3 }), queue({ name: "b", running: 0, queued: 1 }), queue({ name: "c", queued: 7 }), queue({ name: "d", running: 1, queued: 7 })],
    }),
  });
  assert.deepEqual(found.map(({ kind }) => kind), ["trouble", "disk", "paused", "idle", "full", "failures", "late", "webhooks"]);
  const text = found.map(({ text }) => text).join("\n");
  for (const words of ["The service is drained.", "500 MB", "The queue a is paused, and 3 jobs wait.", "1 job waits in the queue b, and none runs.",
    "The queue c is full: 7 jobs wait, up to 3 min.", "12 jobs failed in the last hour, 9 of them alike: It is locked.", "2 messages do not arrive at shop: Nobody answers.", "1 message to webhooks"]) assert.ok(text.includes(words), `${words}\n${text}`);
  assert.ok(found.every(({ advice }) => advice.length > 20));
  assert.equal(found.find(({ kind }) => kind === "paused").pausedQueue, "a");
  // Nothing has got a place for long: only the one that waits shows it.
  const stuck = statistics({ queues: [queue({ queued: 1, oldestQueuedAt: "2026-11-23T12:00:00.000Z" })] });
  const told = (at) => problemsOf({ statistics: stuck, now: Date.parse(at) }).map(({ text }) => text);
  assert.deepEqual(told("2026-11-23T12:00:59.000Z"), []);
  assert.deepEqual(told("2026-11-23T13:10:00.000Z"), ["The queue default is full: 1 job waits, up to 1 h."]);
});

test("of a service that started within the hour it is said since when failures are counted", () => {
  const [{ text }] = problemsOf({ statistics: statistics({ startedAt: "2026-11-23T11:45:00.000Z", minutes: [minute(0), minute(2)] }) });
  assert.match(text, /^2 jobs failed since the service started at .*:\d\d.*\.$/);
});

test("errors are alike when they differ only in names, ids and numbers", () => {
  const failed = (jobId, message, fields = {}, error = {}) => job(1, {
    jobId, status: "failed", finishedAt: `2026-11-23T12:00:0${jobId.length}.000Z`, files: [{ name: `${jobId}.pdf` }],
    error: { code: "exit", step: "read", message, ...error }, ...fields,
  });
  const groups = groupsOf([
    failed("a", "Page 3 of a.pdf cannot be read."), failed("bb", "Page 17 of bb.pdf cannot be read."), failed("ccc", "Page 4 of ccc.pdf cannot be read.", { jobType: "other" }),
    failed("d", "Page 3 of d.pdf cannot be read.", {}, { step: "write" }), failed("e", "", {}, { code: "lost", step: undefined }),
    failed("f", "never", { error: null }), failed("g", "never", { status: "completed" }),
  ]);
  assert.deepEqual(groups.map(({ count, code, step }) => [count, code, step]), [[3, "exit", "read"], [1, "exit", "write"], [1, "lost", null]]);
  const [first] = groups;
  assert.deepEqual([first.message, first.q, first.types, first.jobIds], ["Page 4 of ccc.pdf cannot be read.", "cannot be read.", ["import", "other"], ["a", "bb", "ccc"]]);
  assert.equal(groups[2].message, "lost");
});

test("errors and webhooks have pages of their own", () => {
  assert.equal(readAddress("?view=errors").view, "errors");
  assert.equal(readAddress("?view=webhooks").view, "webhooks");
});
