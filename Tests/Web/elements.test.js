import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chosen, countOf, isAccepted, namesOf, sizeOf } from "../../Sources/Web/elements/chosen.js";
import { droppedFiles } from "../../Sources/Web/elements/dropped.js";
import { bytes, percent, timeOf } from "../../Sources/Web/elements/format.js";
import { textsOf } from "../../Sources/Web/elements/languages.js";
import { newsOf, transferText } from "../../Sources/Web/elements/news.js";
import { together } from "../../Sources/Web/elements/summary.js";
import { defaultTexts, errorText, failureText, mergedTexts, pageFaults, stateText } from "../../Sources/Web/elements/texts.js";
import { Turns } from "../../Sources/Web/elements/turns.js";
import { job } from "./scripted-server.js";

const file = (name, type = "", size = 1) => ({ name, type, size });

test("the elements can be imported where there are none, and they are in one file with the client", async (t) => {
  for (const name of ["job-upload", "job-status", "locales/en", "client/feed-worker"]) await import(`../../Sources/Web/${name}.js`);
  const sources = fileURLToPath(new URL("../../Sources", import.meta.url));
  const directory = mkdtempSync(join(tmpdir(), "jobd-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const bundle = execFileSync("sh", [join(sources, "WebFiles/bundle.sh"), join(sources, "Web")]);
  const path = join(directory, "jobd.mjs");
  writeFileSync(path, bundle);
  const { JobdClient, JobdError, JobUploadElement, JobStatusElement } = await import(pathToFileURL(path).href);
  assert.equal(new JobdClient({ baseUrl: "http://a/b/" }).baseUrl, "http://a/b");
  for (const one of [JobdError, JobUploadElement, JobStatusElement]) assert.equal(typeof one, "function");
  assert.doesNotMatch(bundle.toString(), /^(import|export (class|function)) /m);
});

test("files are taken as `accept` says, and as large and as many as may be", () => {
  for (const [accept, name, type, answer] of [
    ["", "a", "", true], [" , ", "a", "", true], [".pdf", "A.PDF", "", true], [".pdf,image/*", "a.png", "image/png", true], ["image/*", "a.txt", "text/plain", false],
    ["image/*", "a", "", false], ["text/plain", "a", "Text/Plain", true], ["*/*", "a", "", true], [".pdf", "pdf", "application/pdf", false], ["image", "a", "image/png", false],
  ]) assert.equal(isAccepted(file(name, type), accept), answer, `${accept} ${name} ${type}`);
  const files = [file("a.txt"), file("b.pdf", "", 9), file("c.pdf"), file("d.pdf"), file("e.pdf")];
  const { taken, refused } = chosen(files, { accept: ".pdf", maxSize: 5, maxFiles: 2 });
  assert.deepEqual(taken.map(({ name }) => name), ["c.pdf", "d.pdf"]);
  assert.deepEqual(refused.map(({ file, reason }) => [file.name, reason]), [["a.txt", "type"], ["b.pdf", "size"], ["e.pdf", "count"]]);
  assert.deepEqual(chosen(files, {}).taken.length, 5);
  assert.equal(chosen(files, { maxFiles: 0 }).taken.length, 0);
});

test("sizes and counts are read as people write them, and nonsense is not a limit", () => {
  for (const [text, bytes] of [
    ["5000000", 5e6], ["20MB", 2e7], ["1.5 gb", 1.5e9], ["8MiB", 8388608], ["10k", 1e4], [" 7 ", 7], ["", null], [null, null], ["a lot", null], ["-1", null], ["1e9", null],
  ]) assert.equal(sizeOf(text), bytes, text);
  for (const [text, count] of [["5", 5], ["0", 0], ["", null], [null, null], ["five", null], ["-1", null], ["1.5", null]]) assert.equal(countOf(text), count, text);
});

test("of many names the first are said", () => {
  const names = (count) => namesOf(Array.from({ length: count }, (_, index) => file(`${index}`)), defaultTexts);
  assert.deepEqual([names(1), names(3), names(500)], ["0", "0, 1, 2", "0, 1, 2 and 497 more"]);
});

test("folders that are dropped are walked in order, and what cannot be read is told", async () => {
  const entry = (name, content) => ({
    name, isDirectory: Array.isArray(content),
    file: (resolve, reject) => (content ? resolve(file(name)) : reject(new Error("not there"))),
    createReader: () => {
      const rest = [...content];
      // As browsers do, some at a time.
      return { readEntries: (resolve) => resolve(rest.splice(0, 2)) };
    },
  });
  const tree = entry("folder", [entry("a", 1), entry(".hidden", 1), entry("inner", [entry("b", 1), entry("c", 1), entry("d", 1)]), entry("lost", 0)]);
  const items = [tree, entry("e", 1)].map((one) => ({ kind: "file", webkitGetAsEntry: () => one }));
  const unreadable = [];
  const files = await droppedFiles({ items: [...items, { kind: "string" }], files: [] }, (name) => unreadable.push(name));
  assert.deepEqual(files.map(({ name }) => name), ["a", "b", "c", "d", "e"]);
  assert.deepEqual(unreadable, ["lost"]);
  assert.deepEqual(await droppedFiles({ files: [1, 2] }), [1, 2]);
});

test("so many are sent at a time, and the others wait for their turn", () => {
  const turns = new Turns(2);
  const begun = [];
  for (const name of "abcd") turns.enqueue((done) => begun.push([name, done]));
  const names = () => begun.map(([name]) => name).join("");
  assert.equal(names(), "ab");
  begun[0][1]();
  begun[0][1]();
  assert.equal(names(), "abc");
  begun[2][1]();
  assert.equal(names(), "abcd");
});

test("many items have one bar, and what has ended fills its part", () => {
  const sent = { loaded: 50, total: 100, bytesPerSecond: 10, secondsLeft: 5 };
  const all = together([
    { state: "completed", progress: 100, transfer: { loaded: 100, total: 100 } }, { state: "error", progress: 0, transfer: null },
    { state: "upload", progress: 20, transfer: sent }, { state: "processing", progress: 60, transfer: null },
  ]);
  assert.deepEqual(all, { progress: 70, ended: 2, failed: 1, transfer: { loaded: 150, total: 200, bytesPerSecond: 10, secondsLeft: 5 } });
});

test("what is said beside the state: bytes, places, attempts and moments", () => {
  const news = (fields, more = {}) => {
    const one = job(1, { updatedAt: "2026-01-01T00:00:00.000Z", ...fields });
    const phase = { processing: "process", completed: "end" }[one.status] ?? "wait";
    return newsOf({ job: one, phase, status: one.status }, { texts: defaultTexts, language: "en", place: null, now: 2000, heardAt: 0, ...more });
  };
  assert.equal(transferText({ loaded: 1e6, total: 24e6, bytesPerSecond: 2e6, secondsLeft: 11.5 }, defaultTexts, "en"), "1 MB of 24 MB · 2 MB/s · 0:11 left");
  assert.equal(transferText({ loaded: 5, total: 5, bytesPerSecond: 9, secondsLeft: 0 }, defaultTexts, "en"), "5 bytes of 5 bytes");
  assert.deepEqual(news({ status: "queued", attempt: 0 }, { place: 3 }), { step: "", message: "3 before it" });
  assert.deepEqual(news({ status: "queued", attempt: 0 }, { place: 0 }), { step: "", message: "next in line" });
  assert.deepEqual(news({ status: "scheduled", attempt: 1, runAt: "2026-01-01T00:00:30.000Z" }), { step: "", message: "next try in 0:28" });
  assert.match(news({ status: "scheduled", attempt: 0, runAt: "2026-01-01T00:00:30.000Z" }).message, /^starts at Jan 1, 2026/);
  assert.deepEqual(news({ step: "extract-text", message: "Page 2" }), { step: "Extract text", message: "Page 2" });
  assert.deepEqual(news({ step: "extract-text", message: "extract text" }), { step: "Extract text", message: "" });
  assert.equal(stateText({ phase: "wait", status: "scheduled", job: job(1, { status: "scheduled", attempt: 2 }) }, defaultTexts), "Attempt 2 failed");
});

test("all digits of a line are those of its clocks and counts", () => {
  for (const text of [percent(30, "ar-EG"), bytes(1234, "fa"), timeOf("2026-01-01T00:00:00Z", "ar-EG")]) assert.match(text, /^[^\u0660-\u0669\u06f0-\u06f9]*\d[^\u0660-\u0669\u06f0-\u06f9]*$/, text);
});

test("a failure is said in the page's language, but not in place of what the step says itself", () => {
  const texts = mergedTexts({ errors: { exit: "Es ging nicht.", memory: "Zu groß." } });
  assert.equal(failureText({ code: "exit", message: "Extract text did not work (exit code 1). Check the file, then try again." }, texts), "Es ging nicht.");
  assert.equal(failureText({ code: "exit", message: "The PDF has a password." }, texts), "The PDF has a password.");
  assert.equal(failureText({ code: "memory", message: "Inspect needed more memory. Ask the operator of this service." }, texts), "Zu groß.");
  assert.equal(failureText({ code: "memory", message: "The film is too long." }, texts), "The film is too long.");
  assert.equal(failureText({ code: "odd", message: "" }, texts), "odd");
  assert.equal(failureText(null, texts), null);
});

test("what only the page can put right is not told in words for developers", () => {
  const error = { code: "invalid-request", message: "/metadata must be an object." };
  assert.equal(errorText(error, defaultTexts), error.message);
  assert.equal(errorText(error, mergedTexts({ pageFault: "Laden Sie neu." })), "Laden Sie neu.");
});

test("each language has every text, of the same kind, and no other", async () => {
  const same = ["steps", "job", "speed"];
  for (const language of ["ar", "de-AT", "es", "fr-CA", "ja"]) {
    const texts = await textsOf(language);
    assert.deepEqual(Object.keys(defaultTexts).filter((key) => !(key in texts) && !same.includes(key)), [], language);
    for (const [key, text] of Object.entries(texts)) {
      assert.equal(typeof text, typeof defaultTexts[key], `${language} ${key}`);
      if (typeof text !== "function") continue;
      const said = text("A", "B");
      assert.ok(said.includes("A") || text(7).includes("7"), `${language} ${key}`);
    }
  }
  const { errors } = await textsOf("de");
  for (const language of ["ar", "es", "fr", "ja"]) assert.deepEqual(Object.keys((await textsOf(language)).errors), Object.keys(errors));
  // Every code of the API, and every code with which jobd itself ends a job.
  const { components: { schemas } } = JSON.parse(await readFile(new URL("../../Sources/JobFront/OpenAPI/openapi.json", import.meta.url), "utf8"));
  const model = await readFile(new URL("../../Sources/JobModel/Job/JobFailure.swift", import.meta.url), "utf8");
  const words = model.slice(model.indexOf("enum Code")).split("\n    }")[0].matchAll(/^ +case (.+)$/gm);
  const own = [...words].flatMap(([, names]) => names.split(", ").map((name) => name.match(/"(.+)"/)?.[1] ?? name));
  const codes = [...schemas.Problem.properties.code.enum, ...own, "password", "damaged-file", "network", "file-unreadable"];
  assert.ok(codes.length > 40);
  assert.deepEqual(codes.filter((code) => !(code in errors) && !pageFaults.includes(code)), []);
  assert.deepEqual(pageFaults.filter((code) => code in errors || !codes.includes(code)), []);
  assert.equal(await textsOf("en"), null);
  assert.equal(await textsOf("constructor"), null);
});
