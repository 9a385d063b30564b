// SPDX-License-Identifier: Apache-2.0
import { Http } from "./http.js";
import { serverSentEvents } from "./server-sent-events.js";
import { Backoff, endWithPage, linkedController, sleep } from "./timing.js";

/** A stream without an event by then may be held back by a proxy. */
const FIRST_EVENT = 1000;
/** The service sends a sign of life every 15 s: when one is overdue, the machine may have slept; later, the stream is dead. */
const HEARTBEAT = 16_000;
const SILENCE = 20_000;
/** A stream that spoke for so long did not fail, it ended. */
const LONG_LIFE = 5000;
/** nginx takes addresses of 8 KB, a front a hundred ids. */
const MAXIMUM_LENGTH = 6000;
const MAXIMUM_IDS = 100;

/**
 * One connection for many jobs, kept up: whatever ends it, it is made anew, with growing waits and from where it was.
 *
 * `onJob(job)` and `onGone(jobId)` tell what it says, `onTrust()` that `isTrusted` has changed, `onAway()` that `isAway` has.
 */
export class JobStream {
  #http;
  #on;
  #backoff = new Backoff(500, 30_000);
  #run = null;
  #lastHeard = 0;
  /** The ids that it carries. */
  ids = new Set();
  /** Whether there were more than fit. */
  isFull = false;
  /** Whether its first event has come. */
  isSpeaking = false;
  /** Whether to rely on it: not from when it failed, ended or said nothing for a second, until it speaks. */
  isTrusted = true;
  /** Whether it says that no news can come, because the service behind it does not answer. */
  isAway = false;

  constructor(http, { onJob, onGone, onTrust, onAway }) {
    this.#http = http;
    this.#on = { onJob, onGone, onTrust, onAway };
  }

  /** Whether it speaks and has shown a sign of life when the last one was due. */
  get isAlive() {
    return this.isSpeaking && Date.now() - this.#lastHeard < HEARTBEAT;
  }

  /** Carries these jobs from now on, `{ jobId, version }` with what is known of each; as many as fit. */
  carry(topics) {
    this.stop();
    const carried = [];
    let length = 0;
    for (const topic of topics) {
      length += topic.jobId.length + 1;
      if (length > MAXIMUM_LENGTH || carried.length === MAXIMUM_IDS) break;
      carried.push(topic);
    }
    if (!carried.length) return;
    this.isFull = carried.length < topics.length;
    this.ids = new Set(carried.map((topic) => topic.jobId));
    this.#run = new AbortController();
    this.#keepUp(carried, this.#run.signal);
  }

  stop() {
    this.#run?.abort();
    this.#run = null;
    this.ids = new Set();
    this.isFull = false;
    this.isSpeaking = false;
    this.isAway = false;
  }

  /** Forgets earlier failures: something has changed for the better. */
  forgive() {
    this.#backoff.reset();
  }

  async #keepUp(topics, signal) {
    try {
      for (;;) {
        const began = Date.now();
        let retry = 0;
        try {
          retry = await this.#connect(topics, signal);
        } catch {
          // What failed and why makes no difference: it is tried again.
        }
        if (signal.aborted) return;
        if (this.isSpeaking && Date.now() - began > LONG_LIFE) this.#backoff.reset();
        this.isSpeaking = false;
        this.isAway = false;
        this.#trust(false);
        await sleep(Math.max(this.#backoff.next(), retry), signal);
      }
    } catch {
      // Stopped.
    }
  }

  /** One connection from its beginning to its end; how long to wait then, in milliseconds. */
  async #connect(topics, signal) {
    const controller = linkedController(signal);
    endWithPage(controller);
    const firstEvent = setTimeout(() => this.#trust(false), FIRST_EVENT);
    let silence;
    const listen = () => {
      this.#lastHeard = Date.now();
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort(), SILENCE);
    };
    let retry = 0;
    try {
      listen();
      const response = await this.#http.sender.fetch(this.#http.url(path(topics)), {
        headers: { Accept: "text/event-stream" }, cache: "no-store", signal: controller.signal,
      });
      const type = response.headers.get("Content-Type") ?? "";
      if (response.status !== 200 || !type.startsWith("text/event-stream") || !response.body) {
        response.body?.cancel().catch(() => {});
        throw new Error(`no stream: ${response.status} ${type}`);
      }
      const heard = () => {
        clearTimeout(firstEvent);
        this.isSpeaking = true;
      };
      const note = (comment) => {
        if (signal.aborted || (comment !== "away" && comment !== "back")) return;
        heard();
        this.#note(comment === "away");
        this.#trust(true);
      };
      for await (const event of serverSentEvents(response.body, listen, note)) {
        if (signal.aborted) break;
        if (event.retry !== null) retry = event.retry;
        if (event.data === null) continue;
        heard();
        this.#take(event);
        this.#trust(true);
      }
      return retry;
    } finally {
      clearTimeout(firstEvent);
      clearTimeout(silence);
      controller.abort();
      controller.release();
    }
  }

  #take({ event, data }) {
    const value = JSON.parse(data);
    if (event === "gone") this.#on.onGone(value.jobId);
    else if (event === null || event === "message") this.#on.onJob(value);
  }

  #note(isAway) {
    this.isAway = isAway;
    this.#on.onAway();
  }

  #trust(isTrusted) {
    if (isTrusted === this.isTrusted) return;
    this.isTrusted = isTrusted;
    this.#on.onTrust();
  }
}

/**
 * A job alone has a stream of its own, which begins with the newest state. A job of which nothing is known is
 * asked for by `ids`, where the service waits for it instead of answering 404.
 */
function path(topics) {
  const [first] = topics;
  if (topics.length === 1 && first.version > 0) return `${Http.job(first.jobId)}/stream?lastEventId=${first.version}`;
  return `/api/jobs/stream?ids=${topics.map((topic) => encodeURIComponent(topic.jobId)).join(",")}`;
}
