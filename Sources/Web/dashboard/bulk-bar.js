import { h, setShown, setText } from "../jobd/elements/dom.js";
import { doers } from "./actions.js";
import { service } from "./api.js";
import { bulkActions, outcome, question } from "./bulk.js";
import { MatchingJobs, TickedJobs } from "./chosen-jobs.js";
import { confirmed, notice } from "./notices.js";
import { counted } from "./words.js";

/**
 * Retries, cancels or deletes the jobs that are ticked, or all jobs of the filter. They are counted first, and nothing is
 * done before somebody has seen the number. `onUntick()` takes all ticks away.
 */
export class BulkBar {
  #filter;
  #chosen;
  #isBusy = false;
  #onUntick;

  constructor(filter, onUntick) {
    this.#onUntick = onUntick;
    this.buttons = Object.keys(bulkActions).map((action) =>
      h("button", { type: "button", name: action, className: action === "delete" ? "danger" : "", onclick: () => this.#do(action) }));
    this.untick = h("button", { type: "button", name: "untick", hidden: true, onclick: onUntick });
    this.element = h("div", { className: "bulk operate", role: "group" }, this.untick, this.buttons);
    this.filter = filter;
  }

  /** A filter, of which no job is ticked yet. */
  set filter(filter) {
    this.#filter = filter;
    this.ticked = [];
  }

  /** The jobs that are ticked. */
  set ticked(jobs) {
    this.#chosen = jobs.length ? new TickedJobs(jobs, doers) : new MatchingJobs(this.#filter, service.bulk);
    setShown(this.untick, jobs.length > 0, this.buttons[0]);
    setText(this.untick, `${counted(jobs.length, "job", "jobs")} ticked ✕`);
    this.untick.setAttribute("aria-label", `Untick ${counted(jobs.length, "job", "jobs")}`);
    this.element.setAttribute("aria-label", this.#chosen.name);
    for (const button of this.buttons) {
      setText(button, this.#chosen.label(button.name));
      button.disabled = !this.#chosen.mayBe(button.name);
    }
  }

  /** One at a time. The buttons stay as they are meanwhile, so that the focus comes back to the one that was pressed. */
  async #do(action) {
    if (this.#isBusy) return;
    this.#setBusy(true);
    const chosen = this.#chosen;
    try {
      const matched = await chosen.count(action);
      if (!matched) return notice(`There is no job to ${action}.`);
      if (!(await confirmed(question(action, chosen.described(action), matched)))) return;
      notice(outcome(action, await chosen.change(action)));
      this.#onUntick();
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
