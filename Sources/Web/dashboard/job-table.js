import { h } from "../jobd/elements/dom.js";
import { JobRow, columns } from "./job-row.js";

/** Rows above and below what is seen that are drawn too. */
const MARGIN = 8;

/**
 * A table of which only the rows in sight exist, so that thousands of them cost nothing.
 *
 * `onNearEnd()` is called when the last rows are near; `onAction(name, job)` for a row's button, `onTick(job, isRange)` for its
 * box. `isTicked(job)` says whether a job is ticked.
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
  /** The row that keys have chosen. */
  #chosen = null;

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
      // The head has the width of the rows, whatever a browser's scrollbar takes.
      this.element.style.setProperty("--scrollbar", `${this.scroller.offsetWidth - this.scroller.clientWidth}px`);
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
    const focused = [...this.#drawn].find(([, view]) => view.hasFocus)?.[0] ?? this.#chosen;
    const before = this.#rows.indexOf(focused);
    const index = before < 0 ? 0 : Math.min(this.#rows.length - 1, Math.max(0, before + delta));
    this.#chosen = this.#rows[index];
    const top = index * this.#height;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.#height > scrollTop + clientHeight) this.scroller.scrollTop = top + this.#height - clientHeight;
    // At once, because the next key is for this row.
    this.#draw();
    const view = this.#drawn.get(this.#chosen);
    view?.link.focus({ preventScroll: true });
    view?.element.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** Presses the button of the row that has the focus, or its box (`part`); whether there is one. */
  press(part = "button") {
    const view = [...this.#drawn.values()].find((view) => view.hasFocus);
    // Observers are shown neither.
    if (!view?.[part].offsetParent) return false;
    view[part].click();
    return true;
  }

  /** Time has passed. */
  tick() {
    const now = Date.now();
    for (const [row, view] of this.#drawn) view.showAge(row.job, now);
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
      const view = this.#drawn.get(row) ?? this.#take(free.shift()) ?? new JobRow(this.#on);
      this.#drawn.set(row, view);
      if (view.element === place) place = place.nextSibling;
      else this.body.insertBefore(view.element, place);
      view.place(index, height);
      view.show(row.job, this.#on.isTicked(row.job));
    }
    for (const drawn of free) this.#take(drawn).element.remove();
    if ((this.#rows.length - last) * height < clientHeight * 3) this.#on.onNearEnd();
  }

  #resize(height) {
    this.#haveRowsChanged = false;
    this.body.style.blockSize = `${this.#rows.length * height}px`;
    this.element.setAttribute("aria-rowcount", this.#rows.length + 1);
    const index = this.#anchor ? this.#rows.indexOf(this.#anchor.row) : -1;
    if (index >= 0 && index !== this.#anchor.index) this.scroller.scrollTop += (index - this.#anchor.index) * height;
  }

  /** What another row is shown with; whoever had the focus in it keeps his place in the page. */
  #take(drawn) {
    if (!drawn) return undefined;
    const [row, view] = drawn;
    this.#drawn.delete(row);
    if (view.hasFocus) this.scroller.focus({ preventScroll: true });
    return view;
  }
}
