import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { Pace } from "../../Sources/Web/client/pace.js";
import { JobdClient } from "../../Sources/Web/jobd-client.js";
import { ScriptedServer, json, problem } from "./scripted-server.js";
import { TusServer } from "./tus-server.js";

const MIB = 1024 * 1024;
const bytes = randomBytes(9 * MIB);
const digest = createHash("sha256").update(bytes).digest("hex");

async function started(t, options) {
  const tus = new TusServer();
  const server = await ScriptedServer.start(t, ...tus.routes);
  return { tus, server, client: new JobdClient({ baseUrl: server.url, ...options }) };
}

/** A file as a browser has it. */
function fileOf(content, name = "contrat d’été.pdf") {
  return new File([content], name, { type: "application/pdf", lastModified: 1 });
}

test("a large file goes in pieces with checksums, under its name, and a small one in one", async (t) => {
  const { tus, server, client } = await started(t);
  const seen = [];
  const stored = await client.upload(fileOf(bytes), { onProgress: (percent, { loaded, total }) => seen.push([percent, loaded, total]) });
  assert.equal(stored.sha256, digest);
  assert.equal(stored.name, "contrat d’été.pdf");
  assert.deepEqual(tus.pieces, [[0, 8 * MIB, true], [8 * MIB, MIB, true]]);
  assert.deepEqual(seen.at(-1), [100, 9 * MIB, 9 * MIB]);
  assert.deepEqual(seen.map(([percent]) => percent), [...new Set(seen.map(([percent]) => percent))].sort((a, b) => a - b));
  server.routes.push(["POST", /files/, (_, response) => json(response, { fileId: "whole" }, 201)]);
  assert.equal((await client.upload(fileOf(bytes.subarray(0, 8 * MIB)))).fileId, "whole");
});

test("what has arrived is not sent again, whatever happens to the connection", async (t) => {
  const { tus, client } = await started(t);
  tus.faults = [
    // Some bytes arrived, and the connection broke.
    (request, response, upload) => {
      upload.bytes = Buffer.concat([upload.bytes, request.bytes.subarray(0, 3 * MIB)]);
      return response.destroy();
    },
    // All bytes of the piece arrived, and the answer was lost.
    (request, response, upload) => {
      upload.bytes = Buffer.concat([upload.bytes, request.bytes]);
      return response.destroy();
    },
    // The service is away.
    (_, response) => (problem(response, 503, "unavailable"), true),
    // Somebody else has the upload.
    (_, response) => (problem(response, 423, "upload-locked"), true),
    // A bit changed on its way.
    (request) => { request.bytes = Buffer.concat([Buffer.from("x"), request.bytes.subarray(1)]); },
    // A page of something between.
    (_, response) => (response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>Welcome on board</h1>"), true),
  ];
  const percents = [];
  const stored = await client.upload(fileOf(bytes), { patienceMs: 60_000, onProgress: (percent) => percents.push(percent) });
  assert.equal(stored.sha256, digest);
  assert.equal(tus.faults.length, 0);
  assert.deepEqual(percents, [...percents].sort((a, b) => a - b));
  const starts = tus.pieces.map(([offset]) => offset);
  assert.deepEqual(starts.slice(0, 3), [0, 3 * MIB, 7 * MIB], "a piece is smaller after a loss");
});

test("an offset that is another one than the service's is asked for", async (t) => {
  const { tus, client } = await started(t);
  tus.faults = [(request, response, upload) => { upload.bytes = request.bytes.subarray(0, 5); }];
  assert.equal((await client.upload(fileOf(bytes))).sha256, digest);
  assert.deepEqual(tus.pieces[1].slice(0, 1), [5]);
});

test("an upload that is gone begins anew, and not for ever", async (t) => {
  const { tus, server, client } = await started(t);
  tus.faults = [() => {}, (_, response, upload) => (tus.uploads.delete(upload.id), problem(response, 410, "upload-not-found"), true)];
  assert.equal((await client.upload(fileOf(bytes))).sha256, digest);
  assert.equal(server.count(/^POST/), 2);
  tus.faults = Array.from({ length: 20 }, () => (_, response) => (problem(response, 404, "upload-not-found"), true));
  await assert.rejects(client.upload(fileOf(bytes)), { code: "upload-not-found" });
  assert.equal(server.count(/^POST/), 6);
});

test("a service that takes no pieces gets the file in one", async (t) => {
  const { server, client } = await started(t);
  server.routes = [["POST", /^\/api\/files/, (request, response) => json(response, { fileId: "whole", size: request.bytes.length }, 201)]];
  assert.deepEqual(await client.upload(fileOf(bytes)), { fileId: "whole", size: 9 * MIB });
});

test("a refusal is told at once, and a service that answers nonsense does not make it spin", async (t) => {
  const { tus, server, client } = await started(t);
  server.routes.unshift(["POST", /uploads/, (_, response) => problem(response, 413, "payload-too-large")]);
  await assert.rejects(client.upload(fileOf(bytes)), { code: "payload-too-large", message: /smaller/ });
  assert.equal(server.count(/POST/), 1);
  server.routes[0] = ["POST", /uploads/, (_, response) => response.writeHead(201, { Location: "/" }).end()];
  await assert.rejects(client.upload(fileOf(bytes)), { code: "network" });
  server.routes.shift();
  for (const offset of ["", "1e9", "99999999999", "0"]) {
    tus.faults = Array.from({ length: 9 }, () => (_, response) => (response.writeHead(204, { "Upload-Offset": offset }).end(), true));
    tus.pieces = [];
    await assert.rejects(client.upload(fileOf(bytes)), { code: "network" });
    assert.ok(tus.pieces.length <= 4, `${tus.pieces.length} pieces for the offset ${offset}`);
  }
});

test("an upload that is stopped is taken back", async (t) => {
  const { tus, server, client } = await started(t);
  const controller = new AbortController();
  const taken = new Promise((resolve) => server.routes.unshift(["DELETE", /uploads\/(.*)$/, (_, response, [, id]) => (response.end(), resolve(id))]));
  tus.faults = [() => {}, () => (controller.abort(), true)];
  await assert.rejects(client.upload(fileOf(bytes), { signal: controller.signal }), { name: "AbortError" });
  assert.deepEqual([await taken], [...tus.uploads.keys()]);
});

test("a token that has ended is asked for anew between two pieces", async (t) => {
  let tokens = 0;
  const { tus, client } = await started(t, { token: async () => `t${++tokens}` });
  tus.faults = [() => {}, (_, response) => (problem(response, 401, "unauthorized"), true)];
  assert.equal((await client.upload(fileOf(bytes))).sha256, digest);
  assert.equal(tokens, 2);
});

test("after a reload the same file goes on where it was, when that is wished", async (t) => {
  const kept = new Map();
  globalThis.localStorage = {
    get length() { return kept.size; }, key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key),
  };
  t.after(() => delete globalThis.localStorage);
  const { tus, server, client } = await started(t);
  /** As far as the second piece; then the page goes. */
  const leave = () => {
    tus.faults = [() => {}, (_, response) => (problem(response, 400, "invalid-request"), true)];
    return assert.rejects(client.upload(fileOf(bytes), { remember: true }), { code: "invalid-request" });
  };
  await leave();
  kept.set('jobd-upload ["old"]', JSON.stringify({ id: "file_old", at: 1 }));
  tus.pieces = [];
  assert.equal((await client.upload(fileOf(bytes), { remember: true })).sha256, digest);
  assert.equal(tus.pieces[0][0], 8 * MIB);
  assert.equal(kept.size, 0, "what is over or too old is forgotten");
  // One that the service does not know any more, and what somebody else has written there.
  await leave();
  tus.uploads.clear();
  assert.equal((await client.upload(fileOf(bytes), { remember: true })).sha256, digest);
  await leave();
  for (const key of kept.keys()) kept.set(key, "nonsense");
  assert.equal((await client.upload(fileOf(bytes), { remember: true })).sha256, digest);
  // Not wished.
  const before = server.count(/^POST/);
  await leave();
  await client.upload(fileOf(bytes));
  assert.equal(server.count(/^POST/), before + 2);
});

test("speed and time left are those of the last seconds", () => {
  const pace = new Pace(1000);
  assert.deepEqual(pace.after(0, 0), { bytesPerSecond: null, secondsLeft: null });
  assert.deepEqual(pace.after(100, 500), { bytesPerSecond: null, secondsLeft: null });
  assert.deepEqual(pace.after(200, 2000), { bytesPerSecond: 100, secondsLeft: 8 });
  for (let second = 3; second <= 40; second++) pace.after(200 + second, second * 1000);
  const { bytesPerSecond } = pace.after(241, 41_000);
  assert.ok(Math.abs(bytesPerSecond - 1) < 0.1, `${bytesPerSecond}`);
});
