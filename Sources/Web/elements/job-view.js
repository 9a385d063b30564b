// SPDX-License-Identifier: Apache-2.0
import { setText } from "./dom.js";
import { duration, languageOf, percent } from "./format.js";
import { JobParts } from "./job-parts.js";
import { newsOf, transferText } from "./news.js";
import { errorText, failureText, isBetweenAttempts, jobName, stateText } from "./texts.js";

/**
 * One job as people see it: name, bar, what it does, how long it has taken, and in the end its results.
 *
 * `show` takes the client's updates, `fail` its errors. `can` says which buttons there are now: `cancel`, `retry` and
 * `remove` are functions or null.
 */
export class JobView {
  #texts;
  #client;
  #parts = new JobParts((button) => this.#can[button]?.());
  #can = {};
  #title = "";
  #update = null;
  #transfer = null;
  #place = null;
  #isLost = false;
  /** When the newest state came, by this machine's clock: the service's clock may be another. */
  #heardAt = 0;

  /** `client()` gives the client that a link asks by. */
  constructor(texts, client) {
    this.#client = client;
    this.texts = texts;
  }

  get element() {
    return this.#parts.element;
  }

  /** Shows everything in other words. */
  set texts(texts) {
    this.#texts = texts;
    this.#parts.texts = texts;
    if (this.#update) this.#draw();
  }

  /** What it is called while its job has no files, or is not known. */
  set title(title) {
    this.#title = title;
    this.#parts.rename(title);
  }

  /** Says something while there is no job: that nothing is known yet, or why it did not begin. */
  expect(sentence = this.#texts.unknown) {
    setText(this.#parts.state, sentence);
  }

  set can(can) {
    this.#can = can;
    for (const name of ["cancel", "retry", "remove"]) this.#parts.showButton(name, Boolean(can[name]));
  }

  /** Whether a button has been pressed and does its work. */
  setBusy(name, isBusy) {
    this.#parts.setBusy(name, isBusy);
  }

  /** `transfer` says how far the bytes are, while they are sent. */
  show(update, transfer = null) {
    if (update.job?.status !== "queued") this.#place = null;
    this.#update = update;
    this.#transfer = transfer;
    this.#heardAt = Date.now();
    this.#draw();
  }

  /** How many jobs are before it in its queue. */
  set place(place) {
    this.#place = place;
    if (this.#update) this.#draw();
  }

  /** Whether no news of the job can come. */
  set isLost(isLost) {
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    if (this.#update) this.#draw();
    else this.expect(isLost ? this.#texts.lost : undefined);
  }

  #draw() {
    const parts = this.#parts;
    const update = this.#isLost && this.#update.phase !== "end" ? { ...this.#update, isLost: true } : this.#update;
    const { job, phase, status } = update;
    if (job) parts.rename(job.files?.length || !this.#title ? jobName(job, this.#texts) : this.#title);
    this.expect(stateText(update, this.#texts));
    parts.element.dataset.state = update.isLost ? "lost" : (status ?? phase);
    parts.setBusy("cancel", Boolean(job?.cancelRequestedAt) && phase !== "end");
    const error = status === "failed" ? job.error : isBetweenAttempts(job) ? (job.error ?? job.earlierAttempts?.at(-1)?.error) : null;
    const sentence = failureText(error, this.#texts);
    parts.showError(sentence, error?.cause, status !== "failed");
    parts.showLinks(job?.artifacts ?? [], this.#client, (error) => this.complain(error));
    this.tick();
    parts.say(parts.state.textContent, sentence);
  }

  /** Something that was asked for could not be done; the job goes on as it was. */
  complain(error) {
    const sentence = this.#sentence(error);
    this.#parts.showError(sentence);
    this.#parts.say(sentence);
  }

  #sentence(error) {
    return errorText(error, this.#texts);
  }

  /** Something went wrong that is not the job's own failure. */
  fail(error) {
    const sentence = this.#sentence(error);
    const parts = this.#parts;
    parts.element.dataset.state = "error";
    this.expect(this.#texts.failed);
    parts.showNews({ step: "", message: "" });
    parts.showError(sentence);
    parts.bar.setAttribute("aria-valuetext", `${this.#texts.failed}. ${sentence}`);
    this.#update = null;
    this.tick();
    parts.say(this.#texts.failed, sentence);
  }

  /** Forgets an error, before the next try. */
  clear() {
    this.#parts.showError(null);
    this.#parts.forgetSaid();
  }

  /** To be called once a second while it is in sight. */
  tick() {
    const parts = this.#parts;
    if (!this.#update) return setText(parts.figures, "");
    const language = languageOf(parts.element);
    setText(parts.figures, this.#figures(language).join(" \u00b7 "));
    parts.showNews(this.#news(language));
    parts.showBar(this.#update.progress, language);
  }

  #figures(language) {
    const { job, phase, progress, attempt } = this.#update;
    const figures = [];
    if (phase !== "end") figures.push(percent(progress, language));
    if (attempt > 1) figures.push(this.#texts.attempt(attempt));
    // A clock that went on would say that all is well.
    if (job && !(this.#isLost && phase !== "end")) figures.push(duration(this.#elapsed(job, phase)));
    return figures;
  }

  #news(language) {
    const texts = this.#texts;
    if (this.#transfer && !this.#update.isLost) return { step: "", message: transferText(this.#transfer, texts, language) };
    return newsOf(this.#update, { texts, language, place: this.#place, now: Date.now(), heardAt: this.#heardAt });
  }

  #elapsed(job, phase) {
    const begin = Date.parse(job.startedAt ?? job.createdAt);
    if (phase === "end") return Date.parse(job.finishedAt ?? job.updatedAt) - begin;
    return Date.parse(job.updatedAt) - begin + Date.now() - this.#heardAt;
  }
}
