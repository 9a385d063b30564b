// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { transmit } from "./transmit.js";

/** A look may wait for the service to read a large file whole, in milliseconds. */
const PATIENCE = 120_000;
const VERSION = { "Tus-Resumable": "1.0.0" };

/** The requests of tus 1.0.0 for one upload; each fails as a `JobdError`, or with the signal's reason. */
export class Tus {
  #http;
  #signal;

  constructor(http, signal) {
    this.#http = http;
    this.#signal = signal;
  }

  /** Makes an upload of so many bytes; its id, which becomes the file's. */
  async create({ size, name, type }) {
    const metadata = [["filename", name], ["filetype", type]].filter(([, value]) => value);
    const { header, ...answer } = await this.#ask("POST", "/api/uploads", {
      "Upload-Length": String(size),
      "Upload-Metadata": metadata.map(([key, value]) => `${key} ${base64(new TextEncoder().encode(value))}`).join(","),
    });
    // Only the id is taken from the address: a proxy may have given it another beginning.
    const id = /([\w.~-]+)\/?(?:[?#].*)?$/.exec(header("Location") ?? "")?.[1];
    if (answer.status !== 201 || !id) throw strange("no upload was made");
    return id;
  }

  /** How many bytes of it have arrived for good. */
  async offset(id, size) {
    const { header } = await this.#ask("HEAD", address(id));
    const length = header("Upload-Length");
    if (length !== null && Number(length) !== size) throw new JobdError("upload-not-found", "The upload is one of another file.", { status: 404 });
    return offsetOf(header, size);
  }

  /** Sends bytes that begin at `offset`; gives the offset after them. */
  async append(id, { offset, piece, size, onLoaded }) {
    const headers = {
      ...VERSION, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream", ...(await checksumOf(piece)),
    };
    const answer = await transmit(this.#http, { method: "PATCH", path: address(id), headers, body: piece, signal: this.#signal, onLoaded });
    const next = offsetOf(successful(answer).header, size);
    // Whoever takes no byte is not asked again at once.
    if (next <= offset) throw strange("no byte was taken");
    return next;
  }

  /** Lets the service forget it. */
  async terminate(id) {
    await this.#http.sender.fetch(this.#http.url(address(id)), { method: "DELETE", headers: VERSION, keepalive: true });
  }

  async #ask(method, path, headers = {}) {
    return successful(await this.#http.send(method, path, { headers: { ...VERSION, ...headers }, signal: this.#signal, timeoutMs: PATIENCE }));
  }
}

function address(id) {
  return `/api/uploads/${encodeURIComponent(id)}`;
}

function successful(answer) {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw JobdError.of(answer.status, answer.text, answer.header("Retry-After"));
}

function offsetOf(header, size) {
  const text = header("Upload-Offset");
  if (text === null || !/^\d{1,16}$/.test(text) || Number(text) > size) throw strange("there is no offset in the answer");
  return Number(text);
}

/** An answer of something between, such as the page of a train's network: as if the service could not be reached. */
function strange(what) {
  return JobdError.network(new Error(what));
}

/** Where the browser can make one: bytes that changed on their way are refused, and sent again. */
async function checksumOf(piece) {
  if (!globalThis.crypto?.subtle) return {};
  const bytes = await piece.arrayBuffer().catch((cause) => {
    throw JobdError.unreadableFile(cause);
  });
  return { "Upload-Checksum": `sha256 ${base64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))}` };
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
