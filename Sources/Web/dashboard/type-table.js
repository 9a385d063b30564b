import { h, setText } from "../jobd/elements/dom.js";
import { listAddress } from "./address.js";
import { span } from "./words.js";

/** Types that are shown; the service tells those first of which most jobs ended. */
const SHOWN = 12;

const columns = [["Type"], ["Done", "Completed"], ["Failed"], ["p50", "Half of the runs took no longer"], ["p95", "Of 20 runs 19 took no longer"]];

/** What became of the jobs of each type in the period of the statistics, and how long they ran. */
export class TypeTable {
  #key = "";

  constructor() {
    this.rows = h("tbody");
    this.heading = h("h2");
    this.element = h("section", { "aria-label": "Types", hidden: true }, this.heading,
      h("table", { className: "types" },
        h("thead", {}, h("tr", {}, columns.map(([name, title]) => h("th", { scope: "col", title: title ?? "" }, name)))), this.rows));
  }

  /** `period` says which period that is. */
  show(types, period) {
    setText(this.heading, `Types ${period}`);
    const key = JSON.stringify(types);
    if (key === this.#key) return;
    this.#key = key;
    this.element.hidden = !types.length;
    this.rows.replaceChildren(...types.slice(0, SHOWN).map(({ jobType, completed, failed, runMs }) => h("tr", {},
      h("th", { scope: "row" }, h("a", { href: listAddress({ type: jobType }), title: jobType }, jobType)),
      h("td", {}, completed.toLocaleString("en")), failedCell(jobType, failed), h("td", {}, span(runMs.p50)), h("td", {}, span(runMs.p95)))));
  }
}

/** Leads to the jobs that failed, when some did. */
function failedCell(jobType, failed) {
  const text = failed.toLocaleString("en");
  return h("td", {}, failed ? h("a", { href: listAddress({ type: jobType, status: ["failed"] }) }, text) : text);
}
