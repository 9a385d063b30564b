import assert from "node:assert/strict";
import { test } from "node:test";
import { JobdClient } from "../../Sources/Web/jobd-client.js";
import { JOB, STREAM, ScriptedServer, WaitingJob, event, job, json, openStream, problem } from "./scripted-server.js";

/** A client, and what it was told. */
function follower(server, options = {}) {
  const updates = [];
  const client = new JobdClient({ baseUrl: server.url });
  const end = client.follow("a", { timeoutMs: 20_000, ...options, onUpdate: (update) => updates.push(update) });
  return { client, end, updates, versions: () => updates.map((update) => update.version) };
}

test("what a stream says is told in order, once, and in one shape", async (t) => {
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    openStream(response);
    const states = [
      job(1, { status: "queued", attempt: 0 }), job(3, { progress: 40 }), job(2, { progress: 20 }), job(3, { progress: 40 }),
      job(4, { progress: 30 }), job(5, { progress: 10, attempt: 2 }), job(6, { status: "completed", progress: 100, attempt: 2 }),
    ];
    for (const state of states) event(response, state);
  }]);
  const { end, updates } = follower(server);
  const final = await end;
  assert.equal(final.version, 6);
  assert.deepEqual(updates.map(({ job, isLost, ...update }) => update), [
    { phase: "wait", progress: 0, status: "queued", version: 1, attempt: 0 },
    { phase: "process", progress: 40, status: "processing", version: 3, attempt: 1 },
    // A bar goes back with a new attempt only.
    { phase: "process", progress: 40, status: "processing", version: 4, attempt: 1 },
    { phase: "process", progress: 10, status: "processing", version: 5, attempt: 2 },
    { phase: "end", progress: 100, status: "completed", version: 6, attempt: 2 },
  ]);
  assert.equal(updates.at(-1).job, final);
  assert.equal(server.count(/GET \/api\/jobs\/a(\?|$)/), 0, "a stream that speaks needs no polling");
});

const brokenStreams = {
  "502": (_, response) => response.writeHead(502).end("<html>Bad Gateway</html>"),
  "404": (_, response) => problem(response, 404, "not-found"),
  "204": (_, response) => response.writeHead(204).end(),
  "a page": (_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<html>Log in</html>"),
  "no answer": () => {},
  "silence": (_, response) => openStream(response),
  "a cut connection": (_, response) => response.destroy(),
  "an end without an event": (_, response) => {
    openStream(response);
    response.end();
  },
  "something that is not a job": (_, response) => {
    openStream(response);
    response.end("data: nonsense\n\n");
  },
};

for (const [name, stream] of Object.entries(brokenStreams)) {
  test(`a stream that gives ${name} is not noticed`, async (t) => {
    const waiting = new WaitingJob(job(1));
    const server = await ScriptedServer.start(t, ["GET", STREAM, stream], ["GET", JOB, waiting.answer]);
    const { end, versions } = follower(server);
    await server.asked(/since=1/);
    waiting.set(job(2, { progress: 50 }));
    await server.asked(/since=2/);
    const began = Date.now();
    waiting.set(job(3, { status: "completed", progress: 100 }));
    assert.equal((await end).status, "completed");
    assert.ok(Date.now() - began < 3000);
    assert.deepEqual(versions(), [1, 2, 3]);
  });
}

test("a stream that is cut again and again comes back where it was, and nothing is lost", async (t) => {
  const waiting = new WaitingJob(job(1));
  let streams = 0;
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    streams++;
    openStream(response);
    event(response, waiting.state);
    setTimeout(() => response.destroy(), 100);
  }], ["GET", JOB, waiting.answer]);
  const { end, versions } = follower(server);
  await server.asked(/stream\?lastEventId=1/);
  for (let version = 2; version < 10; version++) {
    waiting.set(job(version, { progress: version * 10 }));
    await server.asked(new RegExp(`(since|lastEventId)=${version}$`));
  }
  waiting.set(job(10, { status: "failed" }));
  assert.equal((await end).status, "failed");
  assert.deepEqual(versions(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.ok(streams >= 2);
});

test("while a stream has not spoken it is polled beside it, and then no more", async (t) => {
  const waiting = new WaitingJob(job(1));
  let stream, givenUp;
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    openStream(response);
    stream = response;
  }], ["GET", JOB, (request, response) => {
    givenUp = new Promise((resolve) => response.on("close", resolve));
    waiting.answer(request, response);
  }]);
  const began = Date.now();
  const { end, versions } = follower(server);
  await server.asked(/GET \/api\/jobs\/a\?/);
  assert.ok(Date.now() - began >= 900, "only after a second");
  await server.asked(/since=1/);
  event(stream, job(2));
  event(stream, job(3));
  await givenUp;
  const questions = server.count(/since/);
  event(stream, job(4, { status: "completed" }));
  assert.equal((await end).version, 4);
  assert.equal(server.count(/since/), questions);
  assert.deepEqual(versions(), [1, 2, 3, 4]);
});

test("a stream that has grown deaf is found out", async (t) => {
  const waiting = new WaitingJob(job(1));
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    openStream(response);
    event(response, job(1));
  }], ["GET", JOB, waiting.answer]);
  const { end } = follower(server);
  await server.asked(/stream/);
  waiting.set(job(2, { status: "completed" }));
  assert.equal((await end).version, 2);
});

test("many jobs share one stream, and many that must be polled share two connections", async (t) => {
  const ids = Array.from({ length: 30 }, (_, number) => `job-${number}`);
  let open = 0, most = 0, asked = 0;
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    open++;
    most = Math.max(most, open);
    openStream(response);
    response.on("close", () => open--);
  }], ["GET", JOB, (request, response, [, jobId]) => {
    assert.ok(++asked > 28 || !request.url.includes("wait"), "nobody waits while others stand behind");
    setTimeout(() => json(response, job(1, { jobId, status: "completed" })), 5);
  }]);
  const client = new JobdClient({ baseUrl: server.url });
  const jobs = await Promise.all(ids.map((jobId) => client.follow(jobId)));
  assert.deepEqual(jobs.map(({ jobId }) => jobId), ids);
  assert.equal(most, 1);
  assert.deepEqual(server.requests.filter((request) => request.includes("stream")),
    [`GET /api/jobs/stream?ids=${ids.join(",")}`]);
});

test("more jobs than fit into one address all end", async (t) => {
  const ids = Array.from({ length: 100 }, (_, number) => `job-${number}-${"x".repeat(90)}`);
  const server = await ScriptedServer.start(t, ["GET", STREAM, (request, response) => {
    assert.ok(request.url.length < 8000);
    openStream(response);
    for (const jobId of new URL(request.url, "http://a").searchParams.get("ids").split(",")) {
      event(response, job(1, { jobId, status: "completed" }));
    }
  }], ["GET", JOB, (_, response, [, jobId]) => json(response, job(1, { jobId, status: "completed" }))]);
  const client = new JobdClient({ baseUrl: server.url });
  assert.equal((await Promise.all(ids.map((jobId) => client.follow(jobId)))).length, 100);
});

test("a job that comes later is waited for, and one that never comes is not found", async (t) => {
  let exists = false;
  const server = await ScriptedServer.start(t,
    ["GET", STREAM, (_, response) => problem(response, 404, "job-not-found")],
    ["GET", JOB, (_, response) => (exists ? json(response, job(1, { status: "completed" })) : problem(response, 404, "job-not-found"))]);
  const late = follower(server, { creationGraceMs: 10_000 });
  await server.asked(/GET \/api\/jobs\/a\?wait=/);
  exists = true;
  assert.equal((await late.end).status, "completed");

  exists = false;
  const never = follower(server, { creationGraceMs: 500 });
  await assert.rejects(never.end, { name: "JobdError", code: "job-not-found", status: 404 });
  assert.deepEqual(never.updates, []);
});

test("a job that does not exist is found out beside one that never rests", async (t) => {
  const server = await ScriptedServer.start(t, ["GET", STREAM, (request, response) => {
    openStream(response);
    let version = 0;
    const timer = setInterval(() => event(response, job(++version, { jobId: "busy" })), 100);
    response.on("close", () => clearInterval(timer));
  }]);
  const client = new JobdClient({ baseUrl: server.url, creationGraceMs: 500 });
  const stop = new AbortController();
  const busy = client.follow("busy", { signal: stop.signal }).catch(() => {});
  await assert.rejects(client.follow("never", { timeoutMs: 20_000 }), { code: "not-found", status: 404 });
  stop.abort();
  await busy;
});

test("a job that is deleted ends with its error", async (t) => {
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    openStream(response);
    event(response, job(1));
    event(response, { jobId: "a" }, "gone");
  }], ["GET", JOB, (_, response) => problem(response, 410, "job-gone")]);
  await assert.rejects(follower(server).end, { code: "job-gone", status: 410 });
});

test("time runs out, and whoever waits may stop", async (t) => {
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    openStream(response);
    event(response, job(1));
  }], ["GET", JOB, (_, response) => json(response, job(1))]);
  await assert.rejects(follower(server, { timeoutMs: 300 }).end, { code: "timeout" });

  const controller = new AbortController();
  const { end } = follower(server, { signal: controller.signal });
  await server.asked(/stream/);
  controller.abort();
  await assert.rejects(end, { name: "AbortError" });
  await assert.rejects(follower(server, { signal: controller.signal }).end, { name: "AbortError" });
});

test("the service may be away for a while", async (t) => {
  const waiting = new WaitingJob(job(1));
  let isAway = false;
  const away = (handler) => (request, response) => (isAway ? problem(response, 503, "unavailable", { "Retry-After": "1" }) : handler(request, response));
  const server = await ScriptedServer.start(t, ["GET", STREAM, away((_, response) => {
    openStream(response);
    event(response, waiting.state);
  })], ["GET", JOB, away(waiting.answer)]);
  const { end, versions } = follower(server);
  await server.asked(/stream/);
  isAway = true;
  server.cut();
  await server.asked(/GET \/api\/jobs\/a(\?|$)/);
  waiting.set(job(2, { status: "completed" }));
  isAway = false;
  assert.equal((await end).version, 2);
  assert.deepEqual(versions(), [1, 2]);
});

test("whoever follows is told when the service cannot be reached, and when it can again", async (t) => {
  const server = await ScriptedServer.start(t, ["GET", /./, (_, response) => response.destroy()]);
  const told = [];
  const { end } = follower(server, {
    onConnection: (isLost) => {
      told.push(isLost);
      if (isLost) server.routes = [["GET", JOB, (_, response) => json(response, job(2, { status: "completed" }))]];
    },
  });
  assert.equal((await end).version, 2);
  assert.equal(told[0], true);
  assert.ok(told.length <= 2);
});

test("whoever follows is told when the stream says that the service behind it does not answer", async (t) => {
  const told = [];
  let stream;
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => {
    stream = response;
    openStream(response);
    event(response, job(1));
    response.write(": away\n");
  }]);
  const { end, versions } = follower(server, {
    onConnection: (isLost) => {
      told.push(isLost);
      if (isLost) stream.write(": back\n");
      else event(stream, job(2, { status: "completed" }));
    },
  });
  assert.equal((await end).version, 2);
  assert.deepEqual(told, [true, false]);
  assert.deepEqual(versions(), [1, 2]);
});

test("a service that takes long to say that it cannot answer is said to be away at once", async (t) => {
  const now = Date.now;
  let passed = 0;
  t.mock.method(Date, "now", () => now() + passed);
  const told = [];
  const server = await ScriptedServer.start(t, ["GET", STREAM, (_, response) => response.destroy()], ["GET", JOB, (_, response) => {
    passed += 10_000;
    problem(response, 503, "unavailable");
  }]);
  const { end } = follower(server, {
    onConnection: (isLost) => {
      told.push([isLost, server.count(/GET \/api\/jobs\/a(\?|$)/)]);
      if (isLost) server.routes = [["GET", JOB, (_, response) => json(response, job(1, { status: "completed" }))]];
    },
  });
  assert.equal((await end).version, 1);
  assert.deepEqual(told[0], [true, 1]);
});
