import assert from "node:assert/strict";
import { test } from "node:test";
import { JobdClient, JobdError } from "../../Sources/Web/jobd-client.js";
import { JOB, STREAM, ScriptedServer, event, job, json, openStream, problem } from "./scripted-server.js";

const FILE = { fileId: "file_1", name: "contract.pdf", size: 9, mediaType: "application/pdf", sha256: "0" };

async function started(t, ...routes) {
  const server = await ScriptedServer.start(t, ...routes);
  return { server, client: new JobdClient({ baseUrl: `${server.url}/` }) };
}

test("a submit is one promise with one bar, from the first byte to the last step", async (t) => {
  const bodies = {};
  const keep = (name, status, answer) => (request, response) => {
    bodies[name] = request.text;
    json(response, answer(request), status);
  };
  const { client, server } = await started(t,
    ["POST", /^\/api\/files\?name=a%20%26%20b\.pdf$/, keep("file", 201, () => FILE)],
    ["POST", /process$/, keep("process", 202, () => job(1, { status: "queued", attempt: 0 }))],
    ["GET", STREAM, (_, response) => {
      openStream(response);
      event(response, job(1, { status: "queued", attempt: 0 }));
      event(response, job(3, { progress: 50 }));
      event(response, job(4, { progress: 100, status: "completed" }));
    }]);
  const updates = [];
  const file = new Blob([new Uint8Array(300_000)], { type: "application/pdf" });
  const metadata = { name: "<b>bold</b>" };
  const final = await client.submit(file, { jobId: "a", name: "a & b.pdf", metadata, onUpdate: (update) => updates.push(update) });
  assert.equal(final.version, 4);
  assert.equal(bodies.file.length, 300_000);
  assert.deepEqual(JSON.parse(bodies.process), { jobId: "a", fileIds: ["file_1"], metadata });

  for (const update of updates) {
    assert.deepEqual(Object.keys(update).sort(), ["attempt", "isLost", "job", "phase", "progress", "status", "version"]);
  }
  const bar = updates.map(({ progress }) => progress);
  assert.deepEqual(bar, [...bar].sort((a, b) => a - b));
  assert.deepEqual(updates[0], { phase: "upload", progress: 0, status: null, version: 0, attempt: 0, job: null, isLost: false });
  assert.equal(bar.at(-1), 100);
  assert.deepEqual([...new Set(updates.map(({ phase }) => phase))], ["upload", "wait", "process", "end"]);
  assert.deepEqual(updates.filter(({ job }) => job).map(({ version }) => version), [1, 3, 4]);
  assert.equal(server.count(/POST/), 2);
});

test("a submit that stopped after its upload goes on there, and sends nothing twice", async (t) => {
  const bodies = [];
  const { client, server } = await started(t,
    ["POST", /files/, (_, response) => json(response, FILE, 201)],
    ["POST", /process$/, (request, response) => {
      bodies.push(JSON.parse(request.text));
      if (bodies.length === 1) problem(response, 409, "job-conflict");
      else json(response, job(2, { status: "completed" }), 202);
    }],
    ["GET", /./, (_, response) => json(response, job(2, { status: "completed" }))]);
  const error = await client.submit("text", { metadata: { a: 1 } }).catch((error) => error);
  assert.equal(error.code, "job-conflict");
  assert.equal(error.fileId, "file_1");
  await client.submit("text", { metadata: { a: 1 }, fileId: error.fileId, jobId: error.jobId, timeoutMs: 1 }).catch(() => {});
  assert.deepEqual(bodies[1], bodies[0]);
  assert.equal(bodies[0].jobId, error.jobId);
  assert.equal(server.count(/files\?/), 1);
});

test("several files are one job with one bar, and what has arrived of them is not sent again", async (t) => {
  const names = [];
  let isWell = false;
  const { client } = await started(t,
    ["POST", /files\?name=(.*)$/, (request, response, [, name]) => {
      names.push(name);
      if (name === "b" && !isWell) problem(response, 413, "payload-too-large");
      else json(response, { ...FILE, fileId: `file_${name}` }, 201);
    }],
    ["POST", /process$/, (request, response) => json(response, job(2, { status: "completed", metadata: JSON.parse(request.text) }), 202)],
    ["GET", STREAM, (_, response) => {
      openStream(response);
      event(response, job(3, { status: "completed", progress: 100 }));
    }]);
  const files = [new File(["four"], "a"), new File(["twelve bytes"], "b")];
  const seen = [];
  const onUpdate = ({ progress, phase }, transfer) => seen.push([phase, progress, transfer && [transfer.loaded, transfer.total]]);
  const error = await client.submit(files, { onUpdate, uploadShare: 80 }).catch((error) => error);
  assert.deepEqual(error.fileIds, ["file_a", null]);
  isWell = true;
  const final = await client.submit(files, { onUpdate, uploadShare: 80, fileIds: error.fileIds, jobId: error.jobId });
  assert.equal(final.status, "completed");
  assert.deepEqual(names, ["a", "b", "b"]);
  assert.deepEqual(seen.filter(([phase]) => phase === "upload").map(([, ...rest]) => rest), [
    [0, [0, 16]], [20, [4, 16]], [20, [4, 16]], [80, [16, 16]],
  ]);
  assert.deepEqual(seen.at(-1), ["end", 100, null]);
});

test("fields that only a create takes are created with the file, so that no job waits for it", async (t) => {
  const bodies = [];
  const keep = (request, response) => {
    bodies.push(JSON.parse(request.text));
    json(response, job(1, { status: "completed" }), 202);
  };
  const { client } = await started(t,
    ["POST", /files/, (_, response) => json(response, FILE, 201)], ["POST", /jobs$/, keep], ["POST", /process$/, keep]);
  await client.submit("text", { jobId: "a", queue: "slow", timeoutMs: 1 }).catch(() => {});
  assert.deepEqual(bodies, [{ jobId: "a", fileIds: ["file_1"], queue: "slow" }, { jobId: "a", fileIds: ["file_1"] }]);
});

test("a submit says that the connection is lost, and goes on when the service is back", async (t) => {
  let tries = 0;
  const { client } = await started(t,
    ["POST", /files/, (_, response) => json(response, FILE, 201)],
    ["POST", /process$/, (_, response) => (++tries < 7 ? response.destroy() : json(response, job(1, { status: "failed" }), 202))],
    ["GET", STREAM, (_, response) => {
      openStream(response);
      event(response, job(2, { status: "failed" }));
    }]);
  const losses = [];
  const final = await client.submit("text", { onUpdate: ({ phase, isLost }) => losses.push(isLost && phase) });
  assert.equal(final.status, "failed");
  assert.equal(losses.filter((loss) => loss === "upload").length, 6, "more than what is not waited for is tried");
  assert.equal(losses.at(-1), false);
});

for (const [status, code, words] of [
  [413, "payload-too-large", /smaller/], [415, "unsupported-media-type", /another format/], [507, "storage-full", /no room/],
]) {
  test(`a file that is refused with ${status} says what to do`, async (t) => {
    const { client, server } = await started(t, ["POST", /files/, (_, response) => problem(response, status, code)]);
    const error = await client.upload(new Blob(["text"])).catch((error) => error);
    assert.ok(error instanceof JobdError && error instanceof Error);
    assert.deepEqual([error.code, error.status, error.problem.code], [code, status, code]);
    assert.match(error.message, words);
    assert.equal(server.count(/files/), 1, "it would be refused again");
  });
}

test("a proxy's own page is an error with a sentence, too", async (t) => {
  const { client } = await started(t, ["POST", /files/, (_, response) => response.writeHead(413).end("<html>413</html>")]);
  await assert.rejects(client.upload("text"), { code: "payload-too-large", status: 413, problem: null });
});

test("an upload whose connection breaks is sent again, and its bar does not go back", async (t) => {
  let tries = 0;
  const { client } = await started(t, ["POST", /files/, (_, response) => (++tries < 3 ? response.destroy() : json(response, FILE, 201))]);
  const seen = [];
  assert.deepEqual(await client.upload(new Blob([new Uint8Array(200_000)]), { onProgress: (percent) => seen.push(percent) }), FILE);
  assert.equal(tries, 3);
  assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b));
  assert.equal(seen.at(-1), 100);
});

test("an upload may be stopped", async (t) => {
  const { client, server } = await started(t, ["POST", /files/, () => {}]);
  const controller = new AbortController();
  const upload = client.upload("text", { signal: controller.signal });
  await server.asked(/files/);
  controller.abort();
  await assert.rejects(upload, { name: "AbortError" });
});

test("an empty file is a file", async (t) => {
  const { client } = await started(t, ["POST", /files/, (request, response) => json(response, { ...FILE, size: request.text.length }, 201)]);
  const seen = [];
  assert.equal((await client.upload(new Blob([]), { onProgress: (percent) => seen.push(percent) })).size, 0);
  assert.equal(seen.at(-1), 100);
});

test("a create makes its id and is sent again with it; one that must be the first is not", async (t) => {
  const bodies = [];
  const { client } = await started(t, ["POST", /jobs$/, (request, response) => {
    bodies.push(JSON.parse(request.text));
    if (bodies.length % 2) problem(response, 503, "unavailable");
    else json(response, job(1), 201);
  }]);
  await client.create({ jobType: "import" });
  assert.equal(bodies[0].jobId, bodies[1].jobId);
  assert.match(bodies[0].jobId, /^job_\d+_[0-9a-z]{16,}$/);
  await assert.rejects(client.create({ jobId: "a", onConflict: "reject" }), { code: "unavailable", status: 503 });
  assert.equal(bodies.length, 3);
});

test("get, list, cancel and retry ask as the API says, and say what the service says", async (t) => {
  const { client, server } = await started(t,
    ["GET", /^\/api\/jobs(\?|$)/, (_, response) => json(response, { jobs: [], nextCursor: null })],
    ["GET", JOB, (_, response, [, id]) => (id === "a" ? json(response, job(1)) : problem(response, 404, "job-not-found"))],
    ["POST", /cancel$/, (request, response) => json(response, { ...job(2), body: request.text }, 202)],
    ["POST", /retry$/, (_, response) => problem(response, 409, "job-conflict")]);
  assert.equal((await client.get("a")).version, 1);
  await assert.rejects(client.get("b/c"), { code: "job-not-found", status: 404 });
  await client.list();
  await client.list({ status: ["failed", "cancelled"], q: "a&b", limit: 10, cursor: null });
  assert.equal((await client.cancel("a", { reason: "late" })).body, '{"reason":"late"}');
  await assert.rejects(client.retry("a"), { code: "job-conflict", message: "It is job-conflict." });
  assert.deepEqual(server.requests, [
    "GET /api/jobs/a", "GET /api/jobs/b%2Fc", "GET /api/jobs", "GET /api/jobs?status=failed%2Ccancelled&q=a%26b&limit=10",
    "POST /api/jobs/a/cancel", "POST /api/jobs/a/retry",
  ]);
});

test("a service that is not there is a network error", async (t) => {
  const { client, server } = await started(t);
  server.routes = [["POST", /retry/, (_, response) => response.destroy()]];
  await assert.rejects(client.retry("a"), { code: "network", status: 0 });
});

test("outside of a page a base is needed", () => {
  assert.throws(() => new JobdClient(), /baseUrl/);
  assert.equal(new JobdClient({ baseUrl: "https://example.com/app/" }).baseUrl, "https://example.com/app");
});

test("a client shows who it is in each request, and asks for a new token when the service refuses the old one", async (t) => {
  const seen = [];
  const note = (answer) => (request, response) => {
    seen.push([request.method, request.headers.authorization, request.headers["x-csrf-token"]]);
    if (request.headers.authorization !== "Bearer t2") return problem(response, 401, "unauthorized");
    return answer(response);
  };
  const { server } = await started(t,
    ["POST", /files/, note((response) => json(response, FILE, 201))],
    ["POST", /process$/, note((response) => json(response, job(1, { status: "queued" }), 202))],
    ["GET", STREAM, note((response) => {
      openStream(response);
      event(response, job(4, { progress: 100, status: "completed" }));
    })],
    ["GET", JOB, note((response) => json(response, job(4, { progress: 100, status: "completed" })))]);
  let tokens = 0;
  const client = new JobdClient({
    baseUrl: server.url, token: async () => `t${++tokens}`, headers: () => ({ "X-CSRF-Token": "c" }), credentials: "include",
  });
  const final = await client.submit("text", { jobId: "a" });
  assert.equal(final.status, "completed");
  assert.equal(tokens, 2);
  assert.deepEqual(seen[0], ["POST", "Bearer t1", "c"]);
  for (const [, authorization, csrf] of seen.slice(1)) assert.deepEqual([authorization, csrf], ["Bearer t2", "c"]);
});

test("a token that stays refused is an error, and nothing is asked for ever", async (t) => {
  const { server } = await started(t, ["GET", JOB, (_, response) => problem(response, 401, "unauthorized")]);
  let asked = 0;
  for (const token of ["t", () => `t${++asked}`, () => { asked++; return "same"; }]) {
    const client = new JobdClient({ baseUrl: server.url, token });
    const error = await client.get("a").catch((error) => error);
    assert.equal(error.status, 401);
  }
  assert.equal(asked, 4);
  assert.equal(server.count(/GET/), 4);
});

test("a page may bring its own fetch", async (t) => {
  const { server } = await started(t, ["GET", JOB, (_, response) => json(response, job(1))]);
  const urls = [];
  const client = new JobdClient({ baseUrl: server.url, fetch: (url, init) => (urls.push(url), fetch(url, init)) });
  assert.equal((await client.get("a")).version, 1);
  assert.equal(urls.length, 1);
});
