// SPDX-License-Identifier: Apache-2.0
/** The most characters of one event: a job's metadata and result have 320 KiB, artifacts come on top. */
const MAXIMUM_EVENT = 4 * 1024 * 1024;

/**
 * The events of a response's body (HTML standard, section 9.2) as `{ event, data, id, retry }`; what a block does not say
 * is null. `onBytes` is called for everything that comes: a sign of life; `onComment` with the text of each comment.
 *
 * Read with fetch and not with an EventSource: it sees statuses and types, may come back after any of them, and is one
 * implementation for browsers and Node.
 */
export async function* serverSentEvents(body, onBytes = () => {}, onComment = () => {}) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new Parser(onComment);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      yield* parser.take(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Lines into events, whichever way their bytes are cut. */
export class Parser {
  #rest = "";
  #block = empty();
  #onComment;

  constructor(onComment = () => {}) {
    this.#onComment = onComment;
  }

  *take(text) {
    let rest = this.#rest + text;
    if (rest.length > MAXIMUM_EVENT) throw new Error("an event without an end");
    for (;;) {
      const end = /\r\n|\n|\r/.exec(rest);
      // A CR at the very end may be half of a CRLF.
      if (!end || (end[0] === "\r" && end.index === rest.length - 1)) break;
      const line = rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
      if (line) this.#field(line);
      else if (this.#block.any) {
        const { any, ...event } = this.#block;
        this.#block = empty();
        yield event;
      }
    }
    this.#rest = rest;
  }

  #field(line) {
    const [, name, value] = /^([^:]*)(?:: ?)?([^]*)$/.exec(line);
    const block = this.#block;
    if (name === "") return this.#onComment(value);
    if (name === "data") block.data = block.data === null ? value : `${block.data}\n${value}`;
    else if (name === "event") block.event = value;
    else if (name === "id" && !value.includes("\0")) block.id = value;
    else if (name === "retry" && /^\d+$/.test(value)) block.retry = Number(value);
    else return;
    block.any = true;
  }
}

function empty() {
  return { event: null, data: null, id: null, retry: null, any: false };
}
