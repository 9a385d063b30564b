import { h } from "../jobd/elements/dom.js";
import { ageNames, ages, localText, momentOf } from "./created.js";

/** The choice that shows two fields for moments. */
const BETWEEN = "between";

/** When a list's jobs were created: an age, or from a moment to a moment. `onChange({ since, until })` is told. */
export class TimeFilter {
  constructor({ since, until }, onChange) {
    const field = (name, value) =>
      h("input", { type: "datetime-local", "aria-label": name, value: localText(value), onchange: () => onChange(this.#moments()) });
    this.from = field("Created from", since in ages ? "" : since);
    this.to = field("Created before", until);
    this.between = h("span", { className: "between" }, this.from, h("span", { "aria-hidden": "true" }, "–"), this.to);
    this.select = h("select", { "aria-label": "Created", onchange: () => this.#choose(onChange) },
      new Option("Any time", ""), ...Object.entries(ageNames).map(([age, name]) => new Option(`In ${name}`, age)), new Option("Between…", BETWEEN));
    this.select.value = since in ages ? since : since || until ? BETWEEN : "";
    this.elements = [this.select, this.between];
    this.#show();
  }

  #moments() {
    return { since: momentOf(this.from.value), until: momentOf(this.to.value) };
  }

  #choose(onChange) {
    this.#show();
    const { value } = this.select;
    onChange(value === BETWEEN ? this.#moments() : { since: value, until: "" });
  }

  #show() {
    this.between.hidden = this.select.value !== BETWEEN;
  }
}
