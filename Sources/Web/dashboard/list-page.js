import { h, setText } from "../jobd/elements/dom.js";
import { jobs } from "./api.js";
import { listAddress, listQuery } from "./address.js";
import { beginning } from "./beginning.js";
import { BulkBar } from "./bulk-bar.js";
import { Condition } from "./condition.js";
import { Filters } from "./filters.js";
import { JobList } from "./job-list.js";
import { JobTable } from "./job-table.js";
import { act, queueAct } from "./actions.js";
import { notice } from "./notices.js";
import { Overview } from "./overview.js";
import { spoken } from "./spoken.js";
import { Ticks } from "./ticks.js";
import { counted } from "./words.js";

/** The page of all jobs. */
export class ListPage {
  title = "Jobs";
  #filter;
  #list;
  #types = new Set(["file_processing"]);
  #clock;
  #isFailing = false;
  /** Whether nothing is filtered. */
  #isAll = true;
  /** Whether changes come by themselves. */
  isLive = false;

  constructor(filter) {
    this.#filter = filter;
    this.filters = new Filters(filter, (filter, isTyped) => this.#choose(filter, isTyped));
    this.note = h("p", { className: "note" });
    this.spoken = spoken();
    this.condition = new Condition((queue) => this.#showQueue(queue));
    this.beginning = beginning();
    this.switch = h("button", { type: "button", className: "switch", onclick: () => this.#switch() });
    this.ticks = new Ticks(() => this.#showTicks());
    this.bulk = new BulkBar(filter, () => this.ticks.clear());
    this.table = new JobTable({
      onNearEnd: () => this.#loadMore(), onAction: act,
      onTick: ({ jobId }, isRange) => this.ticks.toggle(jobId, this.#list.rows, isRange), isTicked: ({ jobId }) => this.ticks.has(jobId),
    });
    this.overview = new Overview((action, queue) => this.#queueAct(action, queue));
    this.element = h("div", { className: "list-page" },
      h("section", { className: "jobs", "aria-labelledby": "title" },
        h("h1", { id: "title", tabIndex: -1, className: "visually-hidden" }, "Jobs"), this.filters.element, this.condition.element,
        h("div", { className: "toolbar" }, this.note, this.bulk.element, this.switch), this.beginning, this.table.element, this.spoken, this.condition.spoken),
      this.overview.element);
    this.#sayWhatIsBehind(false);
  }

  start() {
    this.#open(this.#filter);
    this.#clock = setInterval(() => this.#tick(), 1000);
  }

  close() {
    clearInterval(this.#clock);
  }

  /** Where there is no room for both: the jobs, or queues and figures. */
  #switch() {
    this.#sayWhatIsBehind(this.element.classList.toggle("with-service"));
    this.table.update();
  }

  #sayWhatIsBehind(isService) {
    setText(this.switch, isService ? "Jobs" : "Queues and figures");
  }

  step(delta) {
    return this.table.step(delta);
  }

  press(part) {
    return this.table.press(part);
  }

  untick() {
    return this.ticks.clear();
  }

  search() {
    this.filters.search.focus();
    return true;
  }

  async #queueAct(action, name) {
    const queue = await queueAct(action, name);
    if (queue) this.#showQueue(queue);
  }

  #showQueue(queue) {
    this.overview.showQueue(queue);
    this.condition.change(queue);
  }

  /** What the live stream says. */
  change(changed, gone) {
    for (const job of changed) {
      this.#knowType(job);
      this.#list.change(job);
    }
    for (const jobId of gone) this.#list.remove(jobId);
    this.overview.ended(changed.filter((job) => job.finishedAt));
    if (this.ticks.isAny) this.#showTicks();
    this.table.update();
    this.#sayCount();
  }

  /** There may have been changes that nobody told of. */
  async missed() {
    await this.#list.refresh().catch(() => {});
    this.table.update();
    this.#sayCount();
  }

  /** Which jobs are ticked has changed, or they have. */
  #showTicks() {
    const ticked = this.ticks.of(this.#list.rows);
    this.bulk.ticked = ticked;
    setText(this.spoken, ticked.length ? `${counted(ticked.length, "job", "jobs")} ticked` : this.note.textContent);
    this.table.update();
  }

  #choose(filter, isTyped) {
    history[isTyped ? "replaceState" : "pushState"](null, "", listAddress(filter));
    this.#open(filter);
  }

  #open(filter) {
    this.#isAll = listAddress(filter) === "./";
    this.bulk.filter = filter;
    const list = new JobList(filter, (page) => jobs.list({ ...listQuery(filter), ...page }));
    this.#list = list;
    this.ticks.clear();
    this.#say("Loading…");
    // The rows of before stay until the new ones are here, so that nothing flickers.
    this.#loadMore(() => this.table.show(list.rows));
  }

  async #loadMore(begin = () => {}) {
    const list = this.#list;
    if (list.isComplete) return;
    try {
      const isNew = await list.loadMore();
      if (list !== this.#list || !isNew) return;
      list.rows.slice(0, 500).forEach(({ job }) => this.#knowType(job));
      begin();
      this.table.update();
      this.#sayCount();
      setText(this.spoken, this.note.textContent);
      this.#isFailing = false;
    } catch (error) {
      if (list !== this.#list) return;
      this.#say(error.message);
      if (!this.#isFailing) notice(error.message);
      this.#isFailing = true;
      setTimeout(() => list === this.#list && this.#loadMore(begin), 2000);
    }
  }

  #sayCount() {
    const { rows, isComplete } = this.#list;
    if (rows.length) this.#say(isComplete ? counted(rows.length, "job", "jobs") : `The ${this.#list.isOldestFirst ? "oldest" : "newest"} ${counted(rows.length, "job", "jobs")}`);
    this.beginning.hidden = !(isComplete && this.#isAll && !rows.length);
    this.table.element.hidden = !this.beginning.hidden;
    if (!rows.length && isComplete) this.#say(this.#isAll ? "There is no job yet. jobctl submit FILE makes the first one." : "No jobs match.");
  }

  #say(text) {
    setText(this.note, text);
  }

  #knowType({ jobType }) {
    if (this.#types.has(jobType)) return;
    this.#types.add(jobType);
    this.filters.offerTypes([...this.#types]);
  }

  #tick() {
    this.table.tick();
    this.overview.tick();
  }

  /** The service's figures, every few seconds. */
  show(statistics) {
    if (!this.isLive) this.missed();
    this.filters.counts = statistics.counts;
    this.filters.offerQueues(statistics.queues.map(({ name }) => name));
    this.filters.offerTypes([...this.#types]);
    this.overview.show(statistics);
    this.condition.statistics = statistics;
  }

  /** Why no job could be created and run now; null when one could. */
  showTrouble(sentence) {
    this.condition.trouble = sentence;
  }
}
