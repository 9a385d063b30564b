import { bulkActions, bulkBody, described, statesOf } from "./bulk.js";
import { oneByOne } from "./one-by-one.js";

/** A change of thousands of jobs takes its time, in milliseconds. */
const PATIENCE = 600_000;

/** All jobs that match a filter: the service counts them, and changes them by itself. */
export class MatchingJobs {
  name = "All jobs that match";
  #filter;
  #bulk;

  /** `bulk(body, timeoutMs)` asks the service. */
  constructor(filter, bulk) {
    this.#filter = filter;
    this.#bulk = bulk;
  }

  label(action) {
    return `${bulkActions[action].name} all…`;
  }

  mayBe(action) {
    return statesOf(action, this.#filter).length > 0;
  }

  described(action) {
    return described(action, this.#filter);
  }

  async count(action) {
    return (await this.#bulk({ ...bulkBody(action, this.#filter), dryRun: true }, PATIENCE)).matched;
  }

  change(action) {
    return this.#bulk(bulkBody(action, this.#filter), PATIENCE);
  }
}

/** Jobs that somebody has ticked, of which each is changed that may be. */
export class TickedJobs {
  name = "The ticked jobs";
  #jobs;
  #doers;

  /** `doers[action](job)` does it to one of them. */
  constructor(jobs, doers) {
    this.#jobs = jobs;
    this.#doers = doers;
  }

  label(action) {
    return this.mayBe(action) ? `${bulkActions[action].name} ${this.#of(action).length}…` : bulkActions[action].name;
  }

  mayBe(action) {
    return this.#of(action).length > 0;
  }

  described(action) {
    if (this.#of(action).length === this.#jobs.length) return "The jobs that are ticked";
    return `Of the ${this.#jobs.length.toLocaleString("en")} jobs that are ticked, those whose state allows it`;
  }

  async count(action) {
    return this.#of(action).length;
  }

  async change(action) {
    const { done, refused } = await oneByOne(this.#of(action), this.#doers[action]);
    return { done, refused: refused.length, reason: refused[0]?.message ?? null };
  }

  #of(action) {
    return this.#jobs.filter(({ status, cancelRequestedAt }) => bulkActions[action].states.includes(status) && !(action === "cancel" && cancelRequestedAt));
  }
}
