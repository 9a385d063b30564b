// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { Http } from "./http.js";
import { Backoff, linkedController, sleep } from "./timing.js";

/** Requests at the same time; a browser has six connections for all tabs together. */
const SLOTS = 2;
/** How long the service may wait for a change before it answers, in seconds. */
const WAIT = 25;
/** Between two questions for the same job when there are too many jobs to wait for each; longer when there are very many. */
const PAUSE = 1000;
const PAUSE_FOR_EACH = 50;
/** How long an answer may take for which the service does not wait, in milliseconds. */
const PATIENCE = 8000;
/** A service that could not be reached for so long is said to be away. */
const AWAY = 3000;
/** Trouble of up to this long is noticed soon after it ends; then it is asked less often. */
const SHORT_TROUBLE = 30_000;

/**
 * Asks for jobs one by one, with the service waiting for a change where there are few.
 *
 * `targets()` gives the topics to be asked for now; `onJob(job)` and `onRefused(topic, error)` tell the answers, and
 * `onConnection(isLost)` whether there are any.
 */
export class Polling {
  #http;
  #targets;
  #on;
  /** `{ controller, slots, hasAnswer }` while there are targets; without an answer nothing is waited for. */
  #run = null;
  /** The questions that are open, by topic. */
  #asked = new Map();
  #nextAt = new WeakMap();
  #backoff = new Backoff(250, 2000);
  #troubleSince = null;
  #nap = new AbortController();

  constructor(http, targets, { onJob, onRefused, onConnection = () => {} }) {
    this.#http = http;
    this.#targets = targets;
    this.#on = { onJob, onRefused, onConnection };
  }

  /** To be called whenever the targets have changed. */
  poke() {
    const targets = new Set(this.#targets());
    for (const [topic, question] of this.#asked) {
      // Nobody wants to know any more; or it holds a place that others need.
      if (!targets.has(topic) || (question.isLong && targets.size > SLOTS)) question.abort();
    }
    this.#wakeUp();
    if (!targets.size) {
      this.#run?.controller.abort();
      this.#run = null;
      this.#troubleSince = null;
      return;
    }
    this.#run ??= { controller: new AbortController(), slots: 0, hasAnswer: false };
    while (this.#run.slots < Math.min(SLOTS, targets.size)) this.#fill(this.#run);
  }

  /** Asks for all of them now, whatever is open or has failed. */
  hurry() {
    this.#backoff.reset();
    this.#nextAt = new WeakMap();
    for (const question of this.#asked.values()) question.abort();
    this.poke();
  }

  async #fill(run) {
    run.slots++;
    while (!run.controller.signal.aborted) {
      const free = this.#targets().filter((topic) => !this.#asked.has(topic));
      if (!free.length) break;
      const topic = free.reduce((one, other) => (this.#due(other) < this.#due(one) ? other : one));
      const wait = this.#due(topic) - Date.now();
      if (wait > 0) await sleep(wait, this.#nap.signal).catch(() => {});
      else await this.#ask(topic, run);
    }
    run.slots--;
  }

  #due(topic) {
    return this.#nextAt.get(topic) ?? 0;
  }

  #wakeUp() {
    this.#nap.abort();
    this.#nap = new AbortController();
  }

  async #ask(topic, run) {
    const question = linkedController(run.controller.signal);
    question.isLong = run.hasAnswer && this.#targets().length <= SLOTS;
    this.#asked.set(topic, question);
    const began = Date.now();
    try {
      const hasWaited = await this.ask(topic, question.isLong ? waitFor(topic) : 0, question.signal);
      // The first question finds out whether anybody answers; then the next one waits for a change at once.
      const isFirst = !run.hasAnswer;
      run.hasAnswer = true;
      this.#backoff.reset();
      this.#troubleSince = null;
      this.#on.onConnection(false);
      this.#nextAt.set(topic, hasWaited || isFirst ? 0 : Date.now() + Math.max(PAUSE, this.#targets().length * PAUSE_FOR_EACH));
    } catch (error) {
      if (question.signal.aborted) return;
      run.hasAnswer = !error.isUnreachable;
      this.#nextAt.set(topic, Date.now() + this.#delayAfter(error, question.isLong ? Date.now() : began));
    } finally {
      this.#asked.delete(topic);
      question.release();
    }
  }

  /** `since` is when the service should have answered. */
  #delayAfter(error, since) {
    if (error.status === 404) return 250;
    this.#troubleSince ??= since;
    if (error.isUnreachable && Date.now() - this.#troubleSince >= AWAY) this.#on.onConnection(true);
    this.#backoff.most = Date.now() - this.#troubleSince > SHORT_TROUBLE ? 15_000 : 2000;
    return Math.max(this.#backoff.next(), error.retryAfterMs ?? 0);
  }

  /**
   * Asks once and tells the answer; fails when the answer says nothing about the job.
   *
   * Gives whether it may be asked again at once: false when the service answered without waiting for a change.
   */
  async ask(topic, wait, signal) {
    const began = Date.now();
    const query = wait ? `?wait=${wait}&since=${topic.version}` : "";
    const answer = await this.#http.send("GET", `${Http.job(topic.jobId)}${query}`, {
      signal, timeoutMs: wait ? (wait + 15) * 1000 : PATIENCE,
    });
    if (answer.status === 200) {
      const job = JSON.parse(answer.text);
      const isNew = job.version > topic.version;
      this.#on.onJob(job);
      return wait > 0 && (isNew || Date.now() - began >= PAUSE);
    }
    const error = JobdError.of(answer.status, answer.text, answer.retryAfter);
    if (answer.status === 404 ? topic.mayStillCome() : error.isTemporary) throw error;
    this.#on.onRefused(topic, error);
    return false;
  }
}

/** Seconds; what may not exist is waited for only as long as it may still come. */
function waitFor(topic) {
  return topic.version > 0 ? WAIT : Math.min(WAIT, Math.max(0, Math.ceil(topic.graceLeft() / 1000)));
}
