import { h, setText } from "../jobd/elements/dom.js";
import { isFinal } from "../jobd/client/update.js";
import { moment, span, statusNames } from "./words.js";

/**
 * What happened to a job and when: created, started, each step, the end.
 *
 * A job's result tells of its steps once it has ended; while it runs, they are noted as they come.
 */
export class Timeline {
  #noted = [];
  #attempt = 0;
  #key = "";
  /** Since when what has not ended goes on, and where that is shown. */
  #running = [];

  constructor() {
    this.element = h("ol", { className: "timeline" });
  }

  /** Forgets what was noted, before a job begins anew. */
  clear() {
    this.#noted = [];
  }

  /** Time has passed. */
  tick() {
    for (const [since, note] of this.#running) setText(note, span(Date.now() - since));
  }

  show(job) {
    this.#note(job);
    const entries = [...begin(job), ...this.#steps(job), ...end(job)];
    const key = JSON.stringify(entries);
    if (key === this.#key) return;
    this.#key = key;
    this.#running = [];
    this.element.replaceChildren(...entries.map(({ name, at, state, note }) => {
      const hint = h("span", { className: "hint", title: moment(at) }, note);
      if (note === null) this.#running.push([Date.parse(at), hint]);
      const item = h("li", {}, h("span", { className: "name" }, name), hint);
      item.dataset.state = state;
      return item;
    }));
    this.tick();
  }

  #note(job) {
    if (job.attempt !== this.#attempt) this.#noted = [];
    this.#attempt = job.attempt;
    const last = this.#noted.at(-1);
    if (last && (job.step !== last.name || isFinal(job))) last.endedAt ??= job.updatedAt;
    if (job.step && job.step !== last?.name && !isFinal(job)) this.#noted.push({ name: job.step, startedAt: job.updatedAt });
  }

  #steps(job) {
    const told = job.result?.steps;
    if (Array.isArray(told) && told.length) {
      return told.map(({ name, status, startedAt, elapsedMs }) => ({
        name, at: startedAt, state: status, note: status === "completed" ? span(elapsedMs) : `${status}, ${span(elapsedMs)}`,
      }));
    }
    return this.#noted.map(({ name, startedAt, endedAt }) => ({
      name, at: startedAt,
      state: endedAt ? (job.error?.step === name ? "failed" : "completed") : "processing",
      note: endedAt ? span(Date.parse(endedAt) - Date.parse(startedAt)) : null,
    }));
  }
}

function begin(job) {
  const entries = [{ name: "Created", at: job.createdAt, state: "completed", note: moment(job.createdAt) }];
  if (job.runAt && !job.startedAt) entries.push({ name: "Scheduled", at: job.runAt, state: "processing", note: moment(job.runAt) });
  if (job.status === "queued") entries.push({ name: "Queued", at: job.updatedAt, state: "processing", note: `in ${job.queue}` });
  if (job.startedAt) {
    const waited = Date.parse(job.startedAt) - Date.parse(job.createdAt);
    const attempt = job.attempt > 1 ? ` (attempt ${job.attempt})` : "";
    entries.push({ name: `Started${attempt}`, at: job.startedAt, state: "completed", note: `after ${span(waited)}` });
  }
  return entries;
}

function end(job) {
  if (!isFinal(job)) return [];
  return [{ name: statusNames[job.status], at: job.finishedAt, state: job.status, note: moment(job.finishedAt) }];
}
