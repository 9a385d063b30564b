import { h } from "../jobd/elements/dom.js";
import { viewAddress } from "./address.js";

const places = { j: "./", e: viewAddress("errors"), s: viewAddress("schedules"), b: viewAddress("batches"), w: viewAddress("workers"), h: viewAddress("webhooks") };

const help = [
  ["j, k", "the next job, the one before"], ["Enter", "open it"], ["r", "retry or cancel it"], ["x", "tick it, for Retry, Cancel and Delete; with the mouse and Shift all between"], ["Escape", "take all ticks away"], ["/", "search"], ["u", "back to all jobs"],
  ["g, then j e s b w h", "jobs, errors, schedules, batches, workers, webhooks"], ["?", "this help"],
];

/**
 * Keys for those who do not want to reach for the mouse. `page()` is the page in sight, which may have `step(delta)`,
 * `press(part)`, `untick()` and `search()`; `go(address)` opens another.
 */
export class Keys {
  #page;
  #go;
  #isGoing = false;

  constructor({ page, go }) {
    this.#page = page;
    this.#go = go;
  }

  start() {
    addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const wasGoing = this.#isGoing;
    this.#isGoing = false;
    const action = wasGoing && places[event.key] ? () => this.#go(places[event.key]) : this.#actions[event.key];
    if (!action || action() === false) return;
    event.preventDefault();
  }

  #actions = {
    "j": () => this.#page().step?.(1) ?? false,
    "k": () => this.#page().step?.(-1) ?? false,
    "r": () => this.#page().press?.() ?? false,
    "x": () => this.#page().press?.("box") ?? false,
    "Escape": () => this.#page().untick?.() ?? false,
    "/": () => this.#page().search?.() ?? false,
    "u": () => this.#go("./"),
    "g": () => void (this.#isGoing = true),
    "?": showHelp,
  };
}

/** Whether keys are letters there. */
function isTyping(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]") !== null;
}

function showHelp() {
  const dialog = h("dialog", { className: "dialog", "aria-labelledby": "keys" },
    h("form", { method: "dialog" }, h("h2", { id: "keys" }, "Keys"),
      h("dl", { className: "facts keys" }, help.map(([keys, text]) => h("div", {}, h("dt", {}, h("kbd", {}, keys)), h("dd", {}, text)))),
      h("div", { className: "buttons" }, h("button", { autofocus: true }, "Close"))));
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}
