import { h } from "../jobd/elements/dom.js";
import { jobs } from "./api.js";
import { CardList } from "./card-list.js";
import { KnownJobs, allOf } from "./known-jobs.js";

/** What pages of cards about the jobs of one kind do alike: they know these jobs, and draw when any of them changes. */
export class KnownPage {
  isLive = false;
  #known;
  #query;

  /** `isWanted(job)` says which jobs it is about, `query` finds them; `makeCard()` makes a card of the list `title`. */
  constructor(title, { isWanted, query, makeCard, introduction }) {
    this.title = title;
    this.#known = new KnownJobs(isWanted);
    this.#query = query;
    this.cards = new CardList(title, makeCard);
    this.element = h("div", { className: "sub-page" }, h("h1", { id: "title", tabIndex: -1 }, title), introduction, this.cards.element);
  }

  start() {
    this.missed();
  }

  /** The jobs as they are known now. */
  get known() {
    return this.#known.jobs;
  }

  change(changed, gone) {
    const news = [...changed.map((job) => this.#known.take(job)), ...gone.map((jobId) => this.#known.remove(jobId))];
    if (news.some(Boolean)) this.changed();
  }

  /** Some of the jobs are others now. */
  changed() {
    this.draw();
  }

  async missed() {
    try {
      await this.#known.refresh(() => allOf((query) => jobs.list(query), this.#query), { isAll: true });
      this.draw();
    } catch (error) {
      this.cards.say(error.message);
    }
  }

  show() {
    if (!this.isLive) this.missed();
  }
}
