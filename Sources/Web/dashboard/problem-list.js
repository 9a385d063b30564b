import { h, setShown, setText } from "../jobd/elements/dom.js";
import { spoken } from "./spoken.js";

/** What is wrong now and what to do about it; nothing when all is well. `onResume(queue)` is told what is pressed. */
export class ProblemList {
  #key = "";
  #kinds = "";
  #onResume;

  constructor(onResume) {
    this.#onResume = onResume;
    this.list = h("ul");
    this.element = h("section", { className: "trouble", "aria-label": "What is wrong now", hidden: true }, this.list);
    this.spoken = spoken();
  }

  show(problems) {
    const key = JSON.stringify(problems);
    if (key === this.#key) return;
    this.#key = key;
    this.list.replaceChildren(...problems.map(({ kind, text, advice, href, pausedQueue }) => {
      const item = h("li", {},
        h("p", {}, h("strong", {}, text), " ", h("span", { className: "advice" }, advice), " ", href ? h("a", { href }, "Show them") : null),
        pausedQueue ? h("button", { type: "button", className: "operate", onclick: () => this.#onResume(pausedQueue) }, "Resume") : null);
      item.dataset.kind = kind;
      return item;
    }));
    setShown(this.element, problems.length > 0);
    // Told when something else is wrong, and not with each figure of it.
    const kinds = problems.map(({ kind }) => kind).join(" ");
    if (kinds === this.#kinds) return;
    this.#kinds = kinds;
    setText(this.spoken, problems.map(({ text }) => text).join(" "));
  }
}
