// SPDX-License-Identifier: Apache-2.0
import { h, setShown, setText } from "./dom.js";
import { duration, languageOf, percent } from "./format.js";
import { jobName, stateText, stepText } from "./texts.js";

/**
 * One job as people see it: name, bar, what it does, how long it has taken, and in the end its results.
 *
 * `show` takes the client's updates, `fail` its errors. `can` says which buttons there are now: `cancel`, `retry` and
 * `remove` are functions or null.
 */
export class JobView {
  #texts;
  #urlOf;
  #can = {};
  #title = "";
  #name = "";
  #update = null;
  /** When the newest state came, by this machine's clock: the service's clock may be another. */
  #heardAt = 0;
  #said = "";
  #links = "";

  constructor(texts, urlOf) {
    this.#texts = texts;
    this.#urlOf = urlOf;
    const button = (name) => h("button", { type: "button", part: `button ${name}`, hidden: true, onclick: () => this.#press(name) }, texts[name]);
    this.name = h("span", { className: "name", part: "name" });
    this.figures = h("span", { className: "figures", part: "figures" });
    this.fill = h("div", { className: "fill", part: "fill" });
    this.bar = h("div", { className: "track", part: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.state = h("span", { className: "state", part: "state" });
    this.step = h("span", { className: "step", part: "step" });
    this.message = h("span", { className: "message", part: "message" });
    this.error = h("p", { className: "error", part: "error", hidden: true });
    this.links = h("ul", { className: "links", part: "links", hidden: true, "aria-label": texts.results });
    this.buttons = { cancel: button("cancel"), retry: button("retry"), remove: button("remove") };
    // Said aloud: what begins and what has ended, never each step of the bar.
    this.live = h("div", { className: "visually-hidden", role: "status" });
    this.element = h("div", { className: "job", part: "job", role: "group", tabIndex: -1 },
      h("div", { className: "row" }, this.name, this.figures),
      this.bar,
      h("div", { className: "row bottom" },
        h("div", { className: "details", part: "details" }, this.state, this.step, this.message),
        h("div", { className: "actions", part: "actions" }, ...Object.values(this.buttons))),
      this.error, this.links, this.live);
    this.#rename("");
  }

  /** What it is called while its job has no files, or is not known. */
  set title(title) {
    this.#title = title;
    this.#rename(title);
  }

  /** Says that nothing is known yet. */
  expect() {
    setText(this.state, this.#texts.unknown);
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

  show(update) {
    this.#update = update;
    this.#heardAt = Date.now();
    const { job, phase, status } = update;
    if (job) this.#rename(job.files?.length || !this.#title ? jobName(job, this.#texts) : this.#title);
    const state = stateText(update, this.#texts);
    const isRunning = phase === "process";
    setText(this.state, state);
    const step = isRunning ? stepText(job.step, this.#texts) : "";
    // The last message of an application's own work is about what is over; jobd's says what was not done.
    const message = status === "completed" && job?.runner === "application" ? "" : (job?.message ?? "");
    setText(this.step, step);
    // A step that says nothing of its own has its name as the message.
    setText(this.message, message.toLowerCase() === step.toLowerCase() ? "" : message);
    this.element.dataset.state = status ?? phase;
    this.setBusy("cancel", Boolean(job?.cancelRequestedAt) && phase !== "end");
    this.#showError(status === "failed" ? job.error?.message || job.error?.code : null);
    this.#showLinks(job?.artifacts ?? []);
    this.#showBar(update.progress, [state, this.step.textContent, this.message.textContent]);
    this.tick();
    this.#say(state);
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
    const parts = [];
    if (phase !== "end") parts.push(percent(progress, languageOf(this.element)));
    if (attempt > 1) parts.push(this.#texts.attempt(attempt));
    if (job) parts.push(duration(this.#elapsed(job, phase)));
    setText(this.figures, parts.join(" \u00b7 "));
  }

  get isRunning() {
    return this.#update !== null && this.#update.phase !== "end";
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

  #showBar(progress, words) {
    this.fill.style.inlineSize = `${progress}%`;
    this.bar.setAttribute("aria-valuenow", Math.floor(progress));
    const language = languageOf(this.element);
    this.bar.setAttribute("aria-valuetext", [percent(progress, language), ...words].filter(Boolean).join(", "));
  }

  #showError(sentence) {
    setText(this.error, sentence ?? "");
    setShown(this.error, Boolean(sentence));
  }

  #showLinks(artifacts) {
    const key = artifacts.map(({ name }) => name).join("/");
    if (key === this.#links) return;
    this.#links = key;
    this.links.replaceChildren(...artifacts.map((artifact) =>
      h("li", {}, h("a", { part: "link", href: this.#urlOf(artifact), target: "_blank", rel: "noopener" }, artifact.name))));
    setShown(this.links, artifacts.length > 0, this.element);
  }

  #say(state) {
    const text = `${this.#name}: ${state}`;
    if (text === this.#said) return;
    this.#said = text;
    setText(this.live, text);
  }
}
