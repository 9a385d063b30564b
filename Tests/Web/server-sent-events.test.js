import assert from "node:assert/strict";
import { test } from "node:test";
import { Parser, serverSentEvents } from "../../Sources/Web/client/server-sent-events.js";

const text = 'retry: 1013\n\n: a comment\n\nid: 7\ndata: {"a":\ndata: 1}\n\nevent: gone\r\ndata:x\r\n\r\nid\ndata\n\ndata: unfinished\n';
const events = [
  { event: null, data: null, id: null, retry: 1013 },
  { event: null, data: '{"a":\n1}', id: "7", retry: null },
  { event: "gone", data: "x", id: null, retry: null },
  { event: null, data: "", id: "", retry: null },
];

test("events are the same however their bytes are cut", () => {
  for (let size = 1; size <= text.length; size++) {
    const parser = new Parser();
    const seen = [];
    for (let start = 0; start < text.length; start += size) seen.push(...parser.take(text.slice(start, start + size)));
    assert.deepEqual(seen, events, `in pieces of ${size}`);
  }
});

test("a letter of several bytes may be cut", async () => {
  const bytes = new TextEncoder().encode("data: Ü€😀\n\n");
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const seen = [];
  let pieces = 0;
  for await (const event of serverSentEvents(body, () => pieces++)) seen.push(event.data);
  assert.deepEqual(seen, ["Ü€😀"]);
  assert.equal(pieces, bytes.length);
});

test("an event without an end is not kept for ever", () => {
  const parser = new Parser();
  assert.throws(() => {
    for (;;) [...parser.take("x".repeat(100_000))];
  }, /without an end/);
});
