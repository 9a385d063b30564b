import { h, setText } from "../jobd/elements/dom.js";
import { HEIGHT, WIDTH, ceiling, linePath } from "./chart-lines.js";

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * A chart of the last hour: `series` are `{ name, kind, of(minute) }`, `format(value)` writes a value.
 *
 * The legend shows the last minute, or the one under the pointer.
 */
export class Chart {
  #series;
  #format;
  #minutes = [];

  constructor(title, series, format) {
    this.#series = series;
    this.#format = format;
    this.paths = series.map(({ kind }) => svg("path", { class: `line ${kind}` }));
    this.cursor = svg("line", { class: "cursor", y1: 0, y2: HEIGHT, visibility: "hidden" });
    this.picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
      ...[0, 0.5, 1].map((part) => svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: part * HEIGHT, y2: part * HEIGHT })),
      ...this.paths, this.cursor);
    this.top = h("span", { className: "top-value", "aria-hidden": "true" });
    this.values = series.map(() => h("b"));
    this.when = h("span", { className: "when" });
    this.element = h("figure", { className: "chart" },
      h("figcaption", {}, h("span", { className: "title" }, title), this.when),
      h("div", { className: "plot" }, this.picture, this.top),
      h("ul", { className: "legend" }, series.map(({ name, kind }, index) => h("li", { className: kind }, name, " ", this.values[index]))));
    this.picture.addEventListener("pointermove", (event) => this.#point(event));
    this.picture.addEventListener("pointerleave", () => this.#read(null));
    this.title = title;
  }

  show(minutes) {
    this.#minutes = minutes;
    const all = this.#series.map(({ of }) => minutes.map(of));
    const top = ceiling(Math.max(0, ...all.flat().map((value) => value ?? 0)));
    all.forEach((values, index) => this.paths[index].setAttribute("d", linePath(values, top)));
    setText(this.top, this.#format(top));
    this.#read(null);
    const summary = this.#series.map(({ name, of }) => {
      const values = minutes.map(of).filter((value) => value !== null && value !== undefined);
      return values.length ? `${name}: last ${this.#format(values.at(-1))}, at most ${this.#format(Math.max(...values))}` : `${name}: nothing`;
    });
    this.picture.setAttribute("aria-label", `${this.title} in the last hour. ${summary.join(". ")}.`);
  }

  #point(event) {
    const { left, width } = this.picture.getBoundingClientRect();
    const index = Math.round(((event.clientX - left) / width) * (this.#minutes.length - 1));
    this.#read(Math.min(this.#minutes.length - 1, Math.max(0, index)));
  }

  #read(index) {
    const isPointed = index !== null;
    const minute = this.#minutes[isPointed ? index : this.#minutes.length - 1];
    if (!minute) return;
    const x = isPointed ? (index / (this.#minutes.length - 1)) * WIDTH : 0;
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.cursor.setAttribute("visibility", isPointed ? "visible" : "hidden");
    setText(this.when, isPointed ? time(minute.at) : "last hour");
    this.#series.forEach(({ of }, number) => {
      const value = of(minute);
      setText(this.values[number], value === null || value === undefined ? "–" : this.#format(value));
    });
  }
}

/** The time of a minute; one before the daemon's start has none. */
function time(at) {
  return at ? new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : "no data";
}

function svg(name, attributes, ...children) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
