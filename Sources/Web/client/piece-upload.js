// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { repeating } from "./http.js";
import { isOffline, pause } from "./timing.js";
import { Tus } from "./tus.js";
import { UploadMemory } from "./upload-memory.js";

/** A piece's bytes: fewer after a loss, because what did not arrive whole may have to be sent again. */
const LARGEST = 8 * 1024 * 1024;
const SMALLEST = 256 * 1024;
/** A piece that took less, in milliseconds, may be larger next time. */
const SOON = 4000;
/** How often it is tried again when the upload is still held: by the connection of before, or while the service reads it whole. */
const HELD = 40;
/** How often a file is begun anew whose upload is not there any more. */
const BEGINNINGS = 3;
/** How often the service is asked for a file of which it has all bytes: it may still be reading them. */
const LOOKS = 20;

/** A file that is sent in pieces: what has arrived is never sent again. */
export class PieceUpload {
  #http;
  #file;
  #tus;
  #memory;
  #id = null;
  #offset = 0;
  #isCertain = false;
  #length = LARGEST;

  /** `again` says how often and for how long it is tried again, as `repeating` takes it. */
  constructor(http, { name, body, signal, onLoaded, again, remember }) {
    this.#http = http;
    this.#file = { name, body, signal, onLoaded, again };
    this.#tus = new Tus(http, signal);
    this.#memory = remember ? UploadMemory.of(http.base, body, name) : null;
  }

  /** Gives the file's description; null when the service takes no pieces. */
  async send() {
    this.#id = (await this.#memory?.take()) ?? null;
    try {
      for (let left = BEGINNINGS; ; left--) {
        try {
          if (!this.#id && !(await this.#begin())) return null;
          while (!this.#isCertain || this.#offset < this.#file.body.size) await this.#again(() => this.#sendPiece());
          return await this.#describe();
        } catch (error) {
          if (!isGone(error) || left <= 0) throw error;
          this.#forget();
        }
      }
    } catch (error) {
      if (this.#file.signal?.aborted) this.#giveUp();
      throw error;
    } finally {
      this.#memory?.release();
    }
  }

  /** Whether the service has begun an upload; not when it knows none. */
  async #begin() {
    const { body, name } = this.#file;
    try {
      this.#id = await this.#again(() => this.#tus.create({ size: body.size, name, type: body.type }));
    } catch (error) {
      if ([404, 405, 501].includes(error.status)) return false;
      throw error;
    }
    this.#offset = 0;
    this.#isCertain = true;
    this.#memory?.keep(this.#id);
    return true;
  }

  /** One piece, after a look at how far it came when that is not certain. */
  async #sendPiece() {
    const { body, onLoaded, signal } = this.#file;
    // A browser that knows its network to be away sends nothing before it is back.
    if (isOffline()) await pause(0, signal);
    if (!this.#isCertain) this.#offset = await this.#tus.offset(this.#id, body.size);
    this.#isCertain = true;
    onLoaded(this.#offset);
    if (this.#offset === body.size) return;
    const offset = this.#offset;
    const began = Date.now();
    try {
      this.#offset = await this.#tus.append(this.#id, {
        offset, piece: body.slice(offset, offset + this.#length), size: body.size, onLoaded: (loaded) => onLoaded(offset + loaded),
      });
      onLoaded(this.#offset);
      if (Date.now() - began < SOON) this.#length = Math.min(LARGEST, this.#length * 2);
    } catch (error) {
      this.#isCertain = false;
      if (error.isUnreachable) this.#length = Math.max(SMALLEST, this.#length / 2);
      throw error;
    }
  }

  async #describe() {
    const description = await repeating({ ...this.#file.again, times: LOOKS, isTemporary: (error) => error.isTemporary || error.status === 404 },
      () => this.#http.json("GET", `/api/files/${encodeURIComponent(this.#id)}`, { signal: this.#file.signal, repeat: false }));
    this.#memory?.forget();
    return description;
  }

  #again(action) {
    const { again } = this.#file;
    return repeating({ ...again, times: HELD, isTemporary: ({ status }) => status === 423 }, () => repeating(again, action));
  }

  #forget() {
    this.#memory?.forget();
    this.#id = null;
    this.#isCertain = false;
  }

  /** Whoever ends it does not want what has arrived, either. */
  #giveUp() {
    if (this.#id) this.#tus.terminate(this.#id).catch(() => {});
    this.#forget();
  }
}

function isGone(error) {
  return error instanceof JobdError && [404, 410].includes(error.status);
}
