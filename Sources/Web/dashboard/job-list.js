import { matches } from "./address.js";

/** Rows of the first page, which is to be there soon, and of the further ones. */
const FIRST_PAGE = 60;
const PAGE = 250;

/**
 * The jobs of a filter, in its order: pages as they are asked for, and changes as they come.
 *
 * `fetchPage({ limit, cursor, order })` gives `{ jobs, nextCursor }`.
 */
export class JobList {
  #fetchPage;
  #filter;
  #byId = new Map();
  #cursor = null;
  #loading = null;
  /** The jobs, in the filter's order. */
  rows = [];
  /** Whether there are no more pages. */
  isComplete = false;

  constructor(filter, fetchPage) {
    this.#filter = filter;
    this.#fetchPage = fetchPage;
  }

  /** Loads the next page; one at a time. Gives whether there was one. */
  loadMore() {
    if (this.isComplete) return Promise.resolve(false);
    return (this.#loading ??= this.#load().finally(() => (this.#loading = null)));
  }

  async #load() {
    const { jobs, nextCursor } = await this.#fetchPage({ limit: this.rows.length ? PAGE : FIRST_PAGE, cursor: this.#cursor });
    for (const job of jobs) if (!this.#byId.has(job.jobId)) this.#append(job);
    this.#cursor = nextCursor;
    this.isComplete = nextCursor === null;
    return true;
  }

  /** Asks for the newest jobs again, and for those that stand first, after changes may have been missed. */
  async refresh() {
    const orders = this.isOldestFirst ? ["newest", "oldest"] : ["newest"];
    for (const order of orders) {
      const { jobs } = await this.#fetchPage({ limit: PAGE, cursor: null, order });
      for (const job of jobs.reverse()) this.change(job);
    }
  }

  get isOldestFirst() {
    return this.#filter.order === "oldest";
  }

  /** Takes a job as it is now. */
  change(job) {
    const row = this.#byId.get(job.jobId);
    const belongs = matches(job, this.#filter);
    if (!row) {
      if (belongs) this.#insert(job);
    } else if (job.version > row.job.version) {
      if (belongs) row.job = job;
      else this.remove(job.jobId);
    }
  }

  remove(jobId) {
    const row = this.#byId.get(jobId);
    if (!row) return;
    this.#byId.delete(jobId);
    this.rows.splice(this.rows.indexOf(row), 1);
  }

  #append(job) {
    const row = { job };
    this.#byId.set(job.jobId, row);
    this.rows.push(row);
  }

  /** Where it belongs by its age; what comes behind all that is loaded comes with its page. */
  #insert(job) {
    let low = 0, high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { createdAt } = this.rows[middle].job;
      if (this.isOldestFirst ? createdAt <= job.createdAt : createdAt > job.createdAt) low = middle + 1;
      else high = middle;
    }
    if (low === this.rows.length && !this.isComplete) return;
    const row = { job };
    this.#byId.set(job.jobId, row);
    this.rows.splice(low, 0, row);
  }
}
