import { h, setText } from "../jobd/elements/dom.js";
import { listAddress } from "./address.js";
import { age } from "./words.js";

/** One queue: how much of its width is taken, what waits, what it got done in the last minute, pause and resume. */
export class QueueCard {
  #queue = null;
  #ends = [];
  #since = Date.now();

  constructor(name, onAction) {
    this.title = h("h3", {}, h("a", { href: listAddress({ queue: name }), title: `The jobs of ${name}` }, name));
    this.badge = h("span", { className: "badge", hidden: true }, "Paused");
    this.fill = h("span", { className: "fill" });
    this.meter = h("span", { className: "mini", role: "meter", "aria-label": `Slots of ${name} in use`, "aria-valuemin": 0 }, this.fill);
    this.slots = h("span");
    this.waiting = h("span");
    this.oldest = h("p", { className: "hint", hidden: true });
    this.throughput = h("span", { title: "Jobs that ended in the last minute, since this page was opened" });
    this.button = h("button", { type: "button", className: "operate", onclick: () => onAction(this.#queue.paused ? "resume" : "pause", name) });
    this.name = name;
    this.element = h("li", { className: "queue" },
      h("div", { className: "line" }, this.title, this.badge, this.button), this.meter,
      h("div", { className: "line figures" }, this.slots, this.waiting, this.throughput), this.oldest);
  }

  show(queue) {
    this.#queue = queue;
    const { width, running, queued, paused } = queue;
    this.badge.hidden = !paused;
    this.fill.style.inlineSize = `${Math.min(100, (running / width) * 100)}%`;
    this.meter.setAttribute("aria-valuemax", width);
    this.meter.setAttribute("aria-valuenow", Math.min(running, width));
    setText(this.slots, `${running} of ${width} running`);
    setText(this.waiting, `${queued.toLocaleString("en")} waiting`);
    const action = paused ? "Resume" : "Pause";
    setText(this.button, action);
    this.button.setAttribute("aria-label", `${action} the queue ${this.name}`);
    this.tick();
  }

  ended() {
    this.#ends.push(Date.now());
  }

  tick() {
    const since = this.#queue?.oldestQueuedAt;
    this.oldest.hidden = !since;
    if (since) setText(this.oldest, `The oldest waits for ${age(since)}.`);
    const minuteAgo = Date.now() - 60_000;
    const first = this.#ends.findIndex((moment) => moment > minuteAgo);
    this.#ends.splice(0, first < 0 ? this.#ends.length : first);
    setText(this.throughput, `${this.#ends.length.toLocaleString("en")} / min`);
  }
}
