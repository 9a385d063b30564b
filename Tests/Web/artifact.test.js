import assert from "node:assert/strict";
import { test } from "node:test";
import { artifactLink } from "../../Sources/Web/elements/artifact-link.js";
import { JobdClient } from "../../Sources/Web/jobd-client.js";
import { problem, ScriptedServer } from "./scripted-server.js";

const artifact = { name: "text.txt", mediaType: "text/plain", size: 5, href: "/api/jobs/a/artifacts/text.txt" };
const ARTIFACT = /^\/api\/jobs\/a\/artifacts\/text\.txt$/;

/** A service that gives the artifact to who shows the token. */
function service(t) {
  return ScriptedServer.start(t, ["GET", ARTIFACT, (request, response) => {
    if (request.headers.authorization !== "Bearer good") return problem(response, 404, "job-not-found");
    response.writeHead(200, { "Content-Type": "text/plain" });
    response.end("hello");
  }]);
}

/** A page of one link: what was saved, and whether the browser was kept from following the link. */
function page(client) {
  const saved = [];
  const errors = [];
  const ownerDocument = {
    createElement: () => ({ click() { saved.push({ href: this.href, download: this.download }); } }),
  };
  const link = artifactLink((name, properties, text) => ({ name, ...properties, text }), client, artifact, (error) => errors.push(error));
  let isKept = false;
  const click = () => link.onclick({ target: { ownerDocument }, preventDefault: () => { isKept = true; } });
  return { saved, errors, link, click, get isKept() { return isKept; } };
}

test("a page that is signed in by a token fetches what a link is for with it", async (t) => {
  const server = await service(t);
  const { saved, errors, link, click } = page(new JobdClient({ baseUrl: server.url, token: "good" }));
  assert.equal(link.href, `${server.url}${artifact.href}`);
  await click();
  assert.deepEqual(errors, []);
  assert.equal(saved.length, 1);
  assert.equal(saved[0].download, "text.txt");
  assert.ok(saved[0].href.startsWith("blob:"));
  assert.equal(await (await fetch(saved[0].href)).text(), "hello");
});

test("a page that shows nothing leaves its links to the browser", async (t) => {
  const server = await service(t);
  const plain = page(new JobdClient({ baseUrl: server.url }));
  await plain.click();
  assert.equal(plain.isKept, false);
  assert.deepEqual(plain.saved, []);
  assert.deepEqual(server.requests, []);
});

test("what is refused is said, and nothing is saved", async (t) => {
  const server = await service(t);
  const other = page(new JobdClient({ baseUrl: server.url, token: "bad" }));
  await other.click();
  assert.equal(other.isKept, true);
  assert.deepEqual(other.saved, []);
  assert.equal(other.errors[0].code, "job-not-found");
});
