// SPDX-License-Identifier: Apache-2.0
import { artifactLink } from "./artifact-link.js";
import { h, setShown, setText } from "./dom.js";
import { duration, languageOf, percent } from "./format.js";
import { newsOf, transferText } from "./news.js";
import { failureText, isBetweenAttempts, jobName, stateText } from "./texts.js";

/**
 * One job as people see it: name, bar, what it does, how long it has taken, and in the end its results.
 *
 * `show` takes the client's updates, `fail` its errors. `can` says which buttons there are now: `cancel`, `retry` and
 * `remove` are functions or null.
 */
export class JobView {
  #texts;
  #client;
  #can = {};
  #title = "";
  #name = "";
  #update = null;
  #transfer = null;
  #place = null;
  #isLost = false;
  /** When the newest state came, by this machine's clock: the service's clock may be another. */
  #heardAt = 0;
  #said = "";
  #links = "";

  /** `client()` gives the client that a link asks by. */
  constructor(texts, client) {
    this.#client = client;
    const button = (name) => h("button", { type: "button", part: `button ${name}`, hidden: true, onclick: () => this.#press(name) });
    this.name = h("span", { className: "name", part: "name", dir: "auto" });
    this.figures = h("span", { className: "figures", part: "figures" });
    this.fill = h("div", { className: "fill", part: "fill" });
    this.bar = h("div", { className: "track", part: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.state = h("span", { className: "state", part: "state" });
    this.step = h("span", { className: "step", part: "step" });
    this.message = h("span", { className: "message", part: "message" });
    this.error = h("p", { className: "error", part: "error", dir: "auto", hidden: true });
    this.cause = h("p", { className: "cause", part: "cause", dir: "auto", hidden: true });
    this.links = h("ul", { className: "links", part: "links", hidden: true });
    this.buttons = { cancel: button("cancel"), retry: button("retry"), remove: button("remove") };
    // Said aloud: what begins and what has ended, never each step of the bar.
    this.live = h("div", { className: "visually-hidden", role: "status" });
    this.element = h("div", { className: "job", part: "job", role: "group", tabIndex: -1 },
      h("div", { className: "row" }, this.name, this.figures),
      this.bar,
      h("div", { className: "row bottom" },
        h("div", { className: "details", part: "details" }, this.state, this.step, this.message),
        h("div", { className: "actions", part: "actions" }, ...Object.values(this.buttons))),
      this.error, this.cause, this.links, this.live);
    this.texts = texts;
  }

  /** Shows everything in other words. */
  set texts(texts) {
    this.#texts = texts;
    for (const [name, button] of Object.entries(this.buttons)) setText(button, texts[name]);
    this.links.setAttribute("aria-label", texts.results);
    const name = this.#name;
    this.#name = null;
    this.#rename(name ?? "");
    if (this.#update) this.#draw();
  }

  /** What it is called while its job has no files, or is not known. */
  set title(title) {
    this.#title = title;
    this.#rename(title);
  }

  /** Says something while there is no job: that nothing is known yet, or why it did not begin. */
  expect(sentence = this.#texts.unknown) {
    setText(this.state, sentence);
  }

  set can(can) {
    this.#can = can;
    for (const [name, button] of Object.entries(this.buttons)) setShown(button, Boolean(can[name]), this.element);
  }

  /** Whether a button has been pressed and does its work. Not `disabled`, which would take the focus from it. */
  setBusy(name, isBusy) {
    this.buttons[name].setAttribute("aria-disabled", isBusy);
  }

  #press(name) {
    if (this.buttons[name].getAttribute("aria-disabled") !== "true") this.#can[name]?.();
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
    const update = this.#isLost && this.#update.phase !== "end" ? { ...this.#update, isLost: true } : this.#update;
    const { job, phase, status } = update;
    if (job) this.#rename(job.files?.length || !this.#title ? jobName(job, this.#texts) : this.#title);
    setText(this.state, stateText(update, this.#texts));
    this.#showNews();
    this.element.dataset.state = update.isLost ? "lost" : (status ?? phase);
    this.setBusy("cancel", Boolean(job?.cancelRequestedAt) && phase !== "end");
    const error = status === "failed" ? job.error : isBetweenAttempts(job) ? (job.error ?? job.earlierAttempts?.at(-1)?.error) : null;
    this.#showError(failureText(error, this.#texts), error?.cause);
    this.#showLinks(job?.artifacts ?? []);
    this.tick();
    this.#say(this.state.textContent);
  }

  /** Something that was asked for could not be done; the job goes on as it was. */
  complain(error) {
    this.#showError(this.#sentence(error));
  }

  #sentence(error) {
    return this.#texts.errors[error.code] ?? error.message;
  }

  /** Something went wrong that is not the job's own failure. */
  fail(error) {
    const sentence = this.#sentence(error);
    this.element.dataset.state = "error";
    setText(this.state, this.#texts.failed);
    setText(this.step, "");
    setText(this.message, "");
    this.#showError(sentence);
    this.bar.setAttribute("aria-valuetext", `${this.#texts.failed}. ${sentence}`);
    this.#update = null;
    this.tick();
    this.#say(this.#texts.failed);
  }

  /** Forgets an error, before the next try. */
  clear() {
    this.#showError(null);
    this.#said = "";
  }

  /** To be called once a second while it is in sight. */
  tick() {
    if (!this.#update) return setText(this.figures, "");
    const { job, phase, progress, attempt } = this.#update;
    const language = languageOf(this.element);
    const parts = [];
    if (phase !== "end") parts.push(percent(progress, language));
    if (attempt > 1) parts.push(this.#texts.attempt(attempt));
    // A clock that went on would say that all is well.
    if (job && !(this.#isLost && phase !== "end")) parts.push(duration(this.#elapsed(job, phase)));
    setText(this.figures, parts.join(" \u00b7 "));
    this.#showNews();
    this.#showBar(progress, [this.state.textContent, this.step.textContent, this.message.textContent], language);
  }

  #showNews() {
    const language = languageOf(this.element);
    const news = this.#transfer && !this.#update.isLost ? { step: "", message: transferText(this.#transfer, this.#texts, language) }
      : newsOf(this.#update, { texts: this.#texts, language, place: this.#place, now: Date.now(), heardAt: this.#heardAt });
    setText(this.step, news.step);
    setText(this.message, news.message);
  }

  #elapsed(job, phase) {
    const begin = Date.parse(job.startedAt ?? job.createdAt);
    if (phase === "end") return Date.parse(job.finishedAt ?? job.updatedAt) - begin;
    return Date.parse(job.updatedAt) - begin + Date.now() - this.#heardAt;
  }

  #rename(name) {
    if (name === this.#name) return;
    this.#name = name;
    this.name.title = name;
    setText(this.name, name);
    this.element.setAttribute("aria-label", name);
    this.bar.setAttribute("aria-label", this.#texts.progressOf(name));
    for (const [action, button] of Object.entries(this.buttons)) button.setAttribute("aria-label", this.#texts[`${action}Of`](name));
  }

  #showBar(progress, words, language) {
    this.fill.style.inlineSize = `${progress}%`;
    this.bar.setAttribute("aria-valuenow", Math.floor(progress));
    this.bar.setAttribute("aria-valuetext", [percent(progress, language), ...words].filter(Boolean).join(", "));
  }

  #showError(sentence, cause) {
    setText(this.error, sentence ?? "");
    setShown(this.error, Boolean(sentence));
    // What the program said itself, where the sentence does not have it.
    const isNew = Boolean(sentence && cause) && !sentence.includes(cause);
    setText(this.cause, isNew ? cause : "");
    setShown(this.cause, isNew);
  }

  #showLinks(artifacts) {
    const key = artifacts.map(({ name }) => name).join("/");
    if (key === this.#links) return;
    this.#links = key;
    this.links.replaceChildren(...artifacts.map((artifact) =>
      h("li", {}, artifactLink(h, this.#client(), artifact, (error) => this.complain(error), { part: "link" }))));
    setShown(this.links, artifacts.length > 0, this.element);
  }

  #say(state) {
    const text = `${this.#name}: ${state}`;
    if (text === this.#said) return;
    this.#said = text;
    setText(this.live, text);
  }
}
