// SPDX-License-Identifier: Apache-2.0
import { Http } from "./http.js";
import { JobStream } from "./job-stream.js";
import { Polling } from "./polling.js";
import { FIRST_CHECK, StreamChecks } from "./stream-checks.js";
import { Topic } from "./topic.js";
import { isFinal } from "./update.js";

/**
 * The states of jobs as they come, from one stream for all of them, and by polling where the stream says nothing.
 *
 * Whoever watches a job is told every state that is newer than the one before, the last one always, or why there is none.
 */
export class Feed {
  #topics = new Map();
  #stream;
  #polling;
  #checks;
  #pending = null;
  #isLost = false;

  constructor(base, sender) {
    const http = new Http(base, sender);
    this.#stream = new JobStream(http, {
      onJob: (job) => this.#hear(job),
      onGone: (jobId) => this.#askFor(jobId),
      onTrust: () => {
        if (this.#stream.isTrusted) this.#sayConnection(this.#stream.isAway);
        this.#polling.poke();
      },
      onAway: () => this.#sayConnection(this.#stream.isAway),
    });
    this.#polling = new Polling(http, () => this.#targets(), {
      onJob: (job) => this.#offer(job),
      onRefused: (topic, error) => this.#refuse(topic, error),
      onConnection: (isLost) => this.#sayConnection(isLost),
    });
    this.#checks = new StreamChecks({
      isNeeded: () => this.#live().length > 0,
      carried: () => this.#live().filter((topic) => !topic.needsPolling && this.#carries(topic)),
      ask: (topic) => this.#polling.ask(topic, 0),
      onBehind: () => this.#stream.carry(this.#live()),
    });
  }

  /**
   * Tells `onJob(job)` the job's present state and every later one, and `onRefused(error)` why there is none. A job that
   * does not exist may still come for `graceMs`. `onConnection(isLost)` is told when none can come, and when they can again.
   * Gives what ends it.
   */
  watch(jobId, { graceMs, onJob, onRefused, onConnection = () => {} }) {
    const watcher = { onJob, onRefused, onConnection };
    let topic = this.#topics.get(jobId);
    // What has ended may have been retried since: it is asked for anew.
    if (!topic || topic.isOver) this.#topics.set(jobId, (topic = new Topic(jobId, topic)));
    topic.watchers.add(watcher);
    topic.graceMs = Math.max(topic.graceMs, graceMs);
    topic.missingSince ??= topic.version ? null : Date.now();
    if (topic.job) queueMicrotask(() => topic.watchers.has(watcher) && onJob(topic.job));
    if (this.#isLost) queueMicrotask(() => this.#isLost && topic.watchers.has(watcher) && onConnection(true));
    this.#doubt(topic);
    this.#change();
    return () => {
      const watchers = this.#topics.get(jobId)?.watchers;
      if (!watchers?.delete(watcher) || watchers.size) return;
      this.#topics.delete(jobId);
      clearTimeout(topic.doubt);
      this.#change();
    };
  }

  /** The stream waits in silence for a job that may never come, so it is asked for, whatever the stream says of others. */
  #doubt(topic) {
    clearTimeout(topic.doubt);
    if (topic.version > 0) return;
    topic.doubt = setTimeout(() => {
      if (topic.version > 0 || topic.isOver) return;
      topic.needsPolling = true;
      this.#polling.poke();
    }, Math.min(FIRST_CHECK, Math.max(0, topic.graceLeft())));
  }

  #sayConnection(isLost) {
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    for (const { watchers } of this.#live()) for (const watcher of [...watchers]) watcher.onConnection(isLost);
  }

  /** The network is said to be away: so it is, unless somebody answers. */
  doubt() {
    if (!this.#live().length) return;
    this.#sayConnection(true);
    this.#checks.start(0);
  }

  /** Catches up at once: after sleep, or when the network is back. */
  wake() {
    if (!this.#topics.size) return;
    this.#stream.forgive();
    if (!this.#stream.isAlive) this.#stream.carry(this.#live());
    this.#polling.hurry();
    this.#checks.start(0);
  }

  #live() {
    return [...this.#topics.values()].filter((topic) => !topic.isOver);
  }

  #targets() {
    return this.#live().filter((topic) => topic.needsPolling || !this.#carries(topic));
  }

  /** Whether the stream can be relied on for a job. */
  #carries(topic) {
    return this.#stream.ids.has(topic.jobId) && this.#stream.isTrusted;
  }

  /** The stream is made anew for other jobs, once for all that come and go in one turn. */
  #change() {
    this.#pending ??= setTimeout(() => {
      this.#pending = null;
      const live = this.#live();
      if (!live.length) {
        this.#stream.stop();
        this.#checks.stop();
      } else if (this.#stream.isFull ? this.#isHalfOver() : live.some((topic) => !this.#stream.ids.has(topic.jobId))) {
        this.#stream.carry(live);
        this.#checks.start();
      }
      this.#polling.poke();
    }, 0);
  }

  /** Whether half of what the stream carries has ended: there is room for others, worth a new connection. */
  #isHalfOver() {
    return this.#live().filter((topic) => this.#stream.ids.has(topic.jobId)).length <= this.#stream.ids.size / 2;
  }

  #hear(job) {
    this.#offer(job);
    this.#checks.start();
  }

  #offer(job) {
    const topic = this.#topics.get(job.jobId);
    if (!topic || topic.isOver) return;
    this.#sayConnection(false);
    topic.missingSince = null;
    topic.needsPolling = false;
    if (!(job.version > topic.version)) return;
    topic.version = job.version;
    topic.job = job;
    topic.isOver = isFinal(job);
    for (const watcher of [...topic.watchers]) watcher.onJob(job);
    if (topic.isOver) this.#change();
  }

  #refuse(topic, error) {
    topic.isOver = true;
    for (const watcher of [...topic.watchers]) watcher.onRefused(error);
    this.#change();
  }

  /** The stream says that a job is gone: the answer to a request says how. */
  #askFor(jobId) {
    const topic = this.#topics.get(jobId);
    if (topic) topic.needsPolling = true;
    this.#polling.poke();
  }
}
