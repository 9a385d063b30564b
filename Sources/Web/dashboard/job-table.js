import { h, setText } from "../jobd/elements/dom.js";
import { jobAddress } from "./address.js";
import { actionsOf, age, nameOf, newsOf, statusNames } from "./words.js";

/** Rows above and below what is seen that are drawn too. */
const MARGIN = 8;

const columns = ["Status", "Job", "Type", "Progress", "What it does", "Age", "Actions"];

/**
 * A table of which only the rows in sight exist, so that thousands of them cost nothing.
 *
 * `onNearEnd()` is called when the last rows are near; `onAction(name, job)` for a row's button.
 */
export class JobTable {
  #on;
  #rows = [];
  #drawn = new Map();
  #frame = null;
  #height = 48;
  /** The first row in sight and where it was, so that it stays there when rows come and go above it. */
  #anchor = null;
  #haveRowsChanged = false;
  /** The row that keys have chosen, which gets the focus once it is drawn. */
  #chosen = null;
  #isFocusDue = false;

  constructor(on) {
    this.#on = on;
    this.body = h("div", { className: "rows", role: "presentation" });
    this.scroller = h("div", { className: "scroller", role: "rowgroup", tabIndex: -1, onscroll: () => this.#schedule() }, this.body);
    this.head = h("div", { className: "row head", role: "row", "aria-rowindex": 1 },
      columns.map((column) => h("div", { className: "cell", role: "columnheader" }, column)));
    this.element = h("div", { className: "table", role: "table", "aria-label": "Jobs" },
      h("div", { role: "rowgroup" }, this.head), this.scroller);
    new ResizeObserver(() => {
      this.#height = parseFloat(getComputedStyle(this.element).getPropertyValue("--row"));
      this.update();
    }).observe(this.scroller);
  }

  /** Shows these rows from now on; the array may change, `update` says so. */
  show(rows) {
    this.#rows = rows;
    this.#anchor = null;
    this.scroller.scrollTop = 0;
    this.update();
  }

  /** The rows have changed. */
  update() {
    this.#haveRowsChanged = true;
    this.#schedule();
  }

  /** Goes on by so many rows from the one that has the focus; whether there is one. */
  step(delta) {
    if (!this.#rows.length) return false;
    const focused = [...this.#drawn].find(([, element]) => element.contains(document.activeElement))?.[0] ?? this.#chosen;
    const before = this.#rows.indexOf(focused);
    const index = before < 0 ? 0 : Math.min(this.#rows.length - 1, Math.max(0, before + delta));
    this.#chosen = this.#rows[index];
    this.#isFocusDue = true;
    const top = index * this.#height;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.#height > scrollTop + clientHeight) this.scroller.scrollTop = top + this.#height - clientHeight;
    this.#schedule();
    return true;
  }

  /** Presses the button of the row that has the focus. */
  press() {
    const element = [...this.#drawn.values()].find((element) => element.contains(document.activeElement));
    if (!element || element.button.hidden) return false;
    element.button.click();
    return true;
  }

  /** Time has passed. */
  tick() {
    const now = Date.now();
    for (const [row, element] of this.#drawn) setText(element.age, age(row.job.createdAt, now));
  }

  #schedule() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw() {
    const height = this.#height;
    if (this.#haveRowsChanged) this.#resize(height);
    const { scrollTop, clientHeight } = this.scroller;
    const top = Math.floor(scrollTop / height);
    this.#anchor = scrollTop > 0 ? { row: this.#rows[top], index: top } : null;
    const first = Math.max(0, top - MARGIN);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / height) + MARGIN);
    const wanted = new Set(this.#rows.slice(first, last));
    const free = [...this.#drawn].filter(([row]) => !wanted.has(row));
    // In the order of the rows, which is that of the tab key, too; what is in its place is not touched.
    let place = this.body.firstChild;
    for (let index = first; index < last; index++) {
      const row = this.#rows[index];
      const element = this.#drawn.get(row) ?? this.#take(free.shift()) ?? this.#make();
      this.#drawn.set(row, element);
      if (element === place) place = place.nextSibling;
      else this.body.insertBefore(element, place);
      this.#place(element, index, height);
      this.#fill(element, row.job);
    }
    for (const drawn of free) this.#take(drawn).remove();
    if (this.#isFocusDue) this.#drawn.get(this.#chosen)?.link.focus({ preventScroll: true });
    this.#isFocusDue = false;
    if ((this.#rows.length - last) * height < clientHeight * 3) this.#on.onNearEnd();
  }

  #resize(height) {
    this.#haveRowsChanged = false;
    this.body.style.blockSize = `${this.#rows.length * height}px`;
    this.element.setAttribute("aria-rowcount", this.#rows.length + 1);
    const index = this.#anchor ? this.#rows.indexOf(this.#anchor.row) : -1;
    if (index >= 0 && index !== this.#anchor.index) this.scroller.scrollTop += (index - this.#anchor.index) * height;
  }

  /** An element for another row; whoever had the focus in it keeps his place in the page. */
  #take(drawn) {
    if (!drawn) return undefined;
    const [row, element] = drawn;
    this.#drawn.delete(row);
    if (element.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
    return element;
  }

  #place(element, index, height) {
    if (element.index === index && element.height === height) return;
    element.index = index;
    element.height = height;
    element.style.translate = `0 ${index * height}px`;
    element.setAttribute("aria-rowindex", index + 2);
  }

  #make() {
    const cell = (className, ...children) => h("div", { className: `cell ${className}`, role: "cell" }, ...children);
    const element = h("div", { className: "row", role: "row" });
    element.status = h("span", { className: "badge" });
    element.link = h("a", { className: "name", dir: "auto" });
    element.idText = h("span", { className: "id" });
    element.type = h("span");
    element.fill = h("span", { className: "fill" });
    element.percent = h("span", { className: "percent" });
    element.news = h("span", { className: "news", dir: "auto" });
    element.age = h("span");
    element.button = h("button", { type: "button", className: "operate", onclick: () => this.#on.onAction(element.button.name, element.job) });
    element.append(
      cell("status", element.status), cell("job", element.link, element.idText), cell("type", element.type),
      cell("progress", h("span", { className: "mini" }, element.fill), element.percent), cell("message", element.news),
      cell("age", element.age), cell("actions", element.button));
    return element;
  }

  #fill(element, job) {
    if (element.job === job) return setText(element.age, age(job.createdAt));
    const isSame = element.job?.jobId === job.jobId;
    element.job = job;
    if (!isSame) {
      const name = nameOf(job);
      setText(element.link, name);
      element.link.title = name;
      element.link.classList.toggle("is-id", !job.files.length);
      element.link.href = jobAddress(job.jobId);
      setText(element.idText, job.files.length ? job.jobId : "");
      setText(element.type, job.jobType);
    }
    element.dataset.status = job.status;
    setText(element.status, job.cancelRequestedAt && actionsOf(job).length === 0 ? "Stopping" : statusNames[job.status]);
    element.fill.style.inlineSize = `${job.progress}%`;
    setText(element.percent, `${Math.floor(job.progress)} %`);
    const news = newsOf(job);
    setText(element.news, news);
    element.news.title = news;
    setText(element.age, age(job.createdAt));
    const [action] = actionsOf(job).filter((name) => name !== "delete");
    element.button.hidden = !action;
    element.button.name = action ?? "";
    setText(element.button, action === "retry" ? "Retry" : "Cancel");
    element.button.setAttribute("aria-label", `${action === "retry" ? "Retry" : "Cancel"} ${nameOf(job)}`);
  }
}
