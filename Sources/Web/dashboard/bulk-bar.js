import { h } from "../jobd/elements/dom.js";
import { service } from "./api.js";
import { bulkActions, bulkBody, outcome, question, statesOf } from "./bulk.js";
import { confirmed, notice } from "./notices.js";

/** A change of thousands of jobs takes its time, in milliseconds. */
const PATIENCE = 600_000;

/**
 * Retries, cancels or deletes all jobs of the filter. The service counts them first, and nothing is done before somebody
 * has seen the number.
 */
export class BulkBar {
  #filter;
  #isBusy = false;

  constructor(filter) {
    this.buttons = Object.entries(bulkActions).map(([action, { name }]) =>
      h("button", { type: "button", name: action, className: action === "delete" ? "danger" : "", onclick: () => this.#do(action) }, `${name} all…`));
    this.element = h("div", { className: "bulk operate", role: "group", "aria-label": "All jobs that match" }, this.buttons);
    this.filter = filter;
  }

  set filter(filter) {
    this.#filter = filter;
    for (const button of this.buttons) button.disabled = statesOf(button.name, filter).length === 0;
  }

  /** One at a time. The buttons stay as they are meanwhile, so that the focus comes back to the one that was pressed. */
  async #do(action) {
    if (this.#isBusy) return;
    this.#setBusy(true);
    const filter = this.#filter;
    const body = bulkBody(action, filter);
    try {
      const { matched } = await service.bulk({ ...body, dryRun: true }, PATIENCE);
      if (!matched) return notice(`There is no job to ${action}.`);
      if (!(await confirmed(question(action, filter, matched)))) return;
      notice(outcome(action, await service.bulk(body, PATIENCE)));
    } catch (error) {
      notice(error.message);
    } finally {
      this.#setBusy(false);
    }
  }

  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    this.element.setAttribute("aria-busy", isBusy);
  }
}
