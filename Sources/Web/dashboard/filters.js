import { h, setText } from "../jobd/elements/dom.js";
import { statuses } from "./address.js";
import { TimeFilter } from "./time-filter.js";
import { statusNames } from "./words.js";

/** What is typed is looked for once no key was pressed for so long. */
const PAUSE = 150;

/** The filters above the table; `onFilter(filter, isTyped)` is told what they say. */
export class Filters {
  #filter;
  #onFilter;
  #counts = {};
  #timer;

  constructor(filter, onFilter) {
    this.#filter = filter;
    this.#onFilter = onFilter;
    this.search = h("input", {
      type: "search", value: filter.q, placeholder: "Id, file name, message or error", "aria-label": "Search jobs", spellcheck: false,
      oninput: () => this.#type(),
    });
    this.queue = h("select", { "aria-label": "Queue", onchange: () => this.#set({ queue: this.queue.value }) });
    this.type = h("select", { "aria-label": "Type", onchange: () => this.#set({ type: this.type.value }) });
    this.time = new TimeFilter(filter, (range) => this.#set(range));
    this.order = h("select", { "aria-label": "Order", onchange: () => this.#set({ order: this.order.value }) },
      new Option("Newest first", ""), new Option("Oldest first", "oldest"));
    this.order.value = filter.order;
    this.chips = statuses.map((status) => {
      const count = h("span", { className: "count" });
      const chip = h("button", { type: "button", className: "chip", onclick: () => this.#toggle(status) },
        h("span", { className: "dot" }), statusNames[status], count);
      chip.dataset.status = status;
      this.#counts[status] = count;
      return chip;
    });
    this.element = h("form", { className: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
      h("div", { className: "chips", role: "group", "aria-label": "States" }, this.chips),
      h("div", { className: "fields" }, this.search, this.queue, this.type, this.order, this.time.elements));
    this.offerQueues([]);
    this.offerTypes([]);
    this.#show();
  }

  /** How many jobs are in each state. */
  set counts(counts) {
    for (const status of statuses) setText(this.#counts[status], (counts[status] ?? 0).toLocaleString("en"));
  }

  offerQueues(names) {
    this.#offer(this.queue, "All queues", names, this.#filter.queue);
  }

  offerTypes(names) {
    this.#offer(this.type, "All types", names, this.#filter.type);
  }

  #offer(select, all, names, chosen) {
    const wanted = [...new Set([...names, ...(chosen ? [chosen] : [])])].sort();
    if (select.options.length === wanted.length + 1 && wanted.every((name, index) => select.options[index + 1].value === name)) return;
    select.replaceChildren(new Option(all, ""), ...wanted.map((name) => new Option(name, name)));
    select.value = chosen;
  }

  #type() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#set({ q: this.search.value.trim() }, true), PAUSE);
  }

  #toggle(status) {
    const chosen = new Set(this.#filter.status);
    if (!chosen.delete(status)) chosen.add(status);
    this.#set({ status: statuses.filter((name) => chosen.has(name)) });
  }

  #set(change, isTyped = false) {
    this.#filter = { ...this.#filter, ...change };
    this.#show();
    this.#onFilter(this.#filter, isTyped);
  }

  #show() {
    for (const chip of this.chips) chip.setAttribute("aria-pressed", this.#filter.status.includes(chip.dataset.status));
  }
}
