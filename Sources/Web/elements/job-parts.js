// SPDX-License-Identifier: Apache-2.0
import { artifactLink } from "./artifact-link.js";
import { h, setShown, setText } from "./dom.js";
import { percent } from "./format.js";

/** What a job consists of on the page, and how each part is set; it knows nothing of how jobs live. */
export class JobParts {
  #texts;
  #links = "";
  #said = "";
  #name = "";

  /** `press(button)` is called for `cancel`, `retry` and `remove`. */
  constructor(press) {
    const button = (name) => h("button", { type: "button", part: `button ${name}`, hidden: true, onclick: () => this.#press(name, press) });
    this.name = h("span", { className: "name", part: "name", dir: "auto" });
    this.figures = h("span", { className: "figures", part: "figures" });
    this.fill = h("div", { className: "fill", part: "fill" });
    this.bar = h("div", { className: "track", part: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.state = h("span", { className: "state", part: "state" });
    this.step = h("span", { className: "step", part: "step", dir: "auto" });
    this.message = h("span", { className: "message", part: "message", dir: "auto" });
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
        h("div", { className: "details", part: "details" }, this.state, ...[this.step, this.message].map((text) => h("span", { className: "news", hidden: true }, text))),
        h("div", { className: "actions", part: "actions" }, ...Object.values(this.buttons))),
      this.error, this.cause, this.links, this.live);
  }

  /** Shows what does not come from the job in other words. */
  set texts(texts) {
    this.#texts = texts;
    for (const [name, button] of Object.entries(this.buttons)) setText(button, texts[name]);
    this.links.setAttribute("aria-label", texts.results);
    this.#nameAll();
  }

  rename(name) {
    if (name === this.#name) return;
    this.#name = name;
    this.#nameAll();
  }

  #nameAll() {
    const name = this.#name;
    this.name.title = name;
    setText(this.name, name);
    this.element.setAttribute("aria-label", name);
    this.bar.setAttribute("aria-label", this.#texts.progressOf(name));
    for (const [action, button] of Object.entries(this.buttons)) button.setAttribute("aria-label", this.#texts[`${action}Of`](name));
  }

  /** Whether a button is there. */
  showButton(name, isShown) {
    setShown(this.buttons[name], isShown, this.element);
  }

  /** Whether a button has been pressed and does its work. Not `disabled`, which would take the focus from it. */
  setBusy(name, isBusy) {
    this.buttons[name].setAttribute("aria-disabled", isBusy);
  }

  #press(name, press) {
    if (this.buttons[name].getAttribute("aria-disabled") !== "true") press(name);
  }

  showNews({ step, message }) {
    for (const [part, text] of [[this.step, step], [this.message, message]]) {
      setText(part, text);
      // By an attribute: WebKit does not look again at `:has(> :not(:empty))` when a text comes.
      part.parentElement.hidden = !text;
    }
  }

  /** The bar, which is read aloud with the words beside it. */
  showBar(progress, language) {
    const words = [this.state, this.step, this.message].map(({ textContent }) => textContent);
    this.fill.style.inlineSize = `${progress}%`;
    this.bar.setAttribute("aria-valuenow", Math.floor(progress));
    this.bar.setAttribute("aria-valuetext", [percent(progress, language), ...words].filter(Boolean).join(", "));
  }

  /** `isEarlier`: of an attempt that another follows. */
  showError(sentence, cause, isEarlier = false) {
    setText(this.error, sentence ?? "");
    this.error.classList.toggle("is-earlier", isEarlier);
    setShown(this.error, Boolean(sentence));
    // What the program said itself, where the sentence does not have it.
    const isNew = Boolean(sentence && cause) && !sentence.includes(cause);
    setText(this.cause, isNew ? cause : "");
    setShown(this.cause, isNew);
  }

  /** What the job has made; `client` opens it, and `onError` is told when that fails. */
  showLinks(artifacts, client, onError) {
    const key = artifacts.map(({ name }) => name).join("/");
    if (key === this.#links) return;
    this.#links = key;
    this.links.replaceChildren(...artifacts.map((artifact) =>
      h("li", {}, artifactLink(h, client(), artifact, onError, { part: "link" }))));
    setShown(this.links, artifacts.length > 0, this.element);
  }

  /** Says a state aloud, once, with what went wrong. */
  say(state, sentence) {
    const text = `${this.#name}: ${[state, sentence].filter(Boolean).join(". ")}`;
    if (text === this.#said) return;
    this.#said = text;
    setText(this.live, text);
  }

  /** What was said may be said again. */
  forgetSaid() {
    this.#said = "";
  }
}
