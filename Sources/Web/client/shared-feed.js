// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { Feed } from "./feed.js";

/** The worker's name; to be changed with what it is told and tells, so that old pages keep the old one. */
const NAME = "jobd-feed-2";
/** A worker that has not answered by then does not run: the page does it alone. */
const START = 1500;
/** The worker says something at least every five seconds. */
const SILENCE = 20_000;

/** The feeds of this page (or this process), by base: one each, shared with other tabs where a browser can. */
const feeds = new Map();

/** One that shows who it is has a stream of its own: the worker is everybody's. */
export function feedOf(base, sender) {
  return awake(new Feed(base, sender));
}

export function feedFor(base, { shared }) {
  const key = `${shared} ${base}`;
  if (!feeds.has(key)) feeds.set(key, shared && canShare() ? new SharedFeed(base) : awake(new Feed(base)));
  return feeds.get(key);
}

function canShare() {
  return typeof SharedWorker === "function" && typeof document === "object";
}

/** A feed that catches up when the network is back or the page is looked at again, and says when the network goes. */
function awake(feed) {
  globalThis.addEventListener?.("online", () => feed.wake());
  globalThis.addEventListener?.("offline", () => feed.doubt());
  globalThis.addEventListener?.("pageshow", (event) => event.persisted && feed.wake());
  globalThis.document?.addEventListener("visibilitychange", () => document.hidden || feed.wake());
  return feed;
}

/**
 * A feed that lives in a worker, which all tabs of this origin have in common: one stream for all of them.
 *
 * When the worker cannot be had (another origin, a strict policy) or dies, it goes on with one of its own.
 */
export class SharedFeed {
  #base;
  #worker = null;
  #own = null;
  #watches = new Map();
  #lastKey = 0;
  #lastHeard = Date.now();
  #guard = null;

  constructor(base) {
    this.#base = base;
    awake(this);
    try {
      this.#worker = new SharedWorker(new URL("feed-worker.js", import.meta.url), { type: "module", name: NAME });
    } catch {
      this.#goAlone();
      return;
    }
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#goAlone();
    };
    this.#worker.port.onmessage = ({ data }) => this.#hear(data);
    this.#guard = setTimeout(() => this.#goAlone(), START);
    globalThis.addEventListener("pagehide", () => this.#post({ forget: true }));
    globalThis.addEventListener("pageshow", (event) => event.persisted && this.#postAll());
  }

  watch(jobId, watcher) {
    const watch = { jobId, watcher, stop: null };
    const key = ++this.#lastKey;
    this.#watches.set(key, watch);
    if (this.#own) watch.stop = this.#own.watch(jobId, watcher);
    else this.#postWatch(key, watch);
    return () => {
      this.#watches.delete(key);
      if (watch.stop) watch.stop();
      else this.#post({ unwatch: key });
    };
  }

  wake() {
    if (this.#own) this.#own.wake();
    else this.#post({ wake: true });
  }

  doubt() {
    if (this.#own) this.#own.doubt();
    else this.#post({ doubt: true });
  }

  #hear({ key, job, error, isLost }) {
    if (this.#own) return;
    this.#lastHeard = Date.now();
    clearTimeout(this.#guard);
    this.#guard = setTimeout(() => this.#suspect(), SILENCE);
    const watch = this.#watches.get(key);
    if (job) watch?.watcher.onJob(job);
    if (error) watch?.watcher.onRefused(JobdError.of(error.status, error.body));
    if (isLost !== undefined) watch?.watcher.onConnection?.(isLost);
  }

  /** The worker is silent: it is dead, unless this page itself was asleep. */
  #suspect() {
    if (Date.now() - this.#lastHeard < SILENCE * 2) return this.#goAlone();
    this.#lastHeard = Date.now();
    this.#guard = setTimeout(() => this.#suspect(), SILENCE);
  }

  #goAlone() {
    if (this.#own) return;
    clearTimeout(this.#guard);
    this.#post({ forget: true });
    this.#own = awake(new Feed(this.#base));
    for (const watch of this.#watches.values()) watch.stop = this.#own.watch(watch.jobId, watch.watcher);
  }

  #postAll() {
    for (const [key, watch] of this.#watches) this.#postWatch(key, watch);
  }

  #postWatch(key, { jobId, watcher }) {
    this.#post({ watch: key, base: this.#base, jobId, graceMs: watcher.graceMs });
  }

  #post(message) {
    if (!this.#own) this.#worker?.port.postMessage(message);
  }
}
