import { sender } from "./api.js";
import { serverSentEvents } from "../jobd/client/server-sent-events.js";
import { Backoff, endWithPage, sleep } from "../jobd/client/timing.js";

/** Changes that a page in the background may leave unread; beyond, they are forgotten and it looks again. */
const MAXIMUM_UNREAD = 5000;
const SILENCE = 20_000;
/** A stream that is not open by then may be held back by a proxy. */
const PATIENCE = 1000;
/** A stream that lived for so long did not fail, it ended. */
const LONG_LIFE = 5000;

/**
 * All changes of all jobs, for as long as the page is open.
 *
 * `onChanges(jobs, gone)` is told at most once a frame; `onMissed()` when there may have been changes that nobody told of;
 * `onConnected(isConnected)`.
 */
export class Changes {
  #url;
  #on;
  #jobs = new Map();
  #gone = new Set();
  #frame = null;
  #haveForgotten = false;

  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  /** Connects, again and again. */
  async start() {
    const backoff = new Backoff(500, 5000);
    for (let isFirst = true; ; isFirst = false) {
      const began = Date.now();
      const slow = setTimeout(() => this.#on.onConnected(false), PATIENCE);
      try {
        await this.#connect(() => {
          clearTimeout(slow);
          this.#on.onConnected(true);
          if (!isFirst) this.#on.onMissed();
        });
      } catch {
        // Whatever it was, it is tried again.
      }
      clearTimeout(slow);
      if (Date.now() - began > LONG_LIFE) backoff.reset();
      this.#on.onConnected(false);
      await sleep(backoff.next());
    }
  }

  async #connect(opened) {
    const controller = new AbortController();
    endWithPage(controller);
    let silence = setTimeout(() => controller.abort(), SILENCE);
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort(), SILENCE);
    };
    try {
      const response = await sender.fetch(this.#url, { headers: { Accept: "text/event-stream" }, cache: "no-store", signal: controller.signal });
      if (response.status !== 200) throw new Error(`the stream answered ${response.status}`);
      let isOpen = false;
      // Whatever comes proves that nobody holds the stream back; an event may come much later.
      const heard = () => {
        listen();
        if (!isOpen) opened();
        isOpen = true;
      };
      for await (const { event, data } of serverSentEvents(response.body, heard)) {
        if (data !== null) this.#take(event, JSON.parse(data));
      }
    } finally {
      clearTimeout(silence);
      controller.abort();
    }
  }

  #take(event, value) {
    if (event === "gone") {
      this.#jobs.delete(value.jobId);
      this.#gone.add(value.jobId);
    } else if (event === null) this.#jobs.set(value.jobId, value);
    if (this.#jobs.size > MAXIMUM_UNREAD || this.#gone.size > MAXIMUM_UNREAD) {
      this.#jobs.clear();
      this.#gone.clear();
      this.#haveForgotten = true;
    }
    // Frames are drawn only while somebody looks.
    this.#frame ??= requestAnimationFrame(() => this.#tell());
  }

  #tell() {
    this.#frame = null;
    const jobs = [...this.#jobs.values()];
    const gone = [...this.#gone];
    this.#jobs.clear();
    this.#gone.clear();
    if (this.#haveForgotten) this.#on.onMissed();
    this.#haveForgotten = false;
    this.#on.onChanges(jobs, gone);
  }
}
