import { h, setText } from "../jobd/elements/dom.js";
import { jobAddress } from "./address.js";
import { holdersOf, isElsewhere } from "./holders.js";
import { KnownPage } from "./known-page.js";
import { counted, nameOf, until } from "./words.js";

/** The page of those who work elsewhere, and of what they hold. */
export class WorkersPage extends KnownPage {
  #clock;

  constructor() {
    super("Workers", {
      isWanted: isElsewhere, query: { status: "processing" }, makeCard: () => new HolderCard(),
      introduction: h("p", { className: "hint" }, "Workers that run jobs now, and their jobs. A worker that waits for a job is not shown."),
    });
  }

  start() {
    super.start();
    this.#clock = setInterval(() => this.cards.tick(), 1000);
  }

  close() {
    clearInterval(this.#clock);
  }

  draw() {
    this.cards.show(holdersOf(this.known), "No worker runs a job now.");
  }
}

class HolderCard {
  #jobs = [];

  constructor() {
    this.title = h("h2");
    this.count = h("span", { className: "hint" });
    this.list = h("ul", { className: "files" });
    this.element = h("li", { className: "panel card" }, h("div", { className: "line" }, this.title, this.count), this.list);
  }

  show({ name, jobs }) {
    this.#jobs = jobs;
    setText(this.title, name);
    setText(this.count, counted(jobs.length, "job", "jobs"));
    const key = jobs.map(({ jobId }) => jobId).join(" ");
    if (key !== this.list.key) {
      this.list.key = key;
      this.list.replaceChildren(...jobs.map((job) => h("li", {},
        h("a", { className: "name", href: jobAddress(job.jobId) }, nameOf(job)), h("span", { className: "hint" }))));
    }
    this.tick();
  }

  tick() {
    this.#jobs.forEach((job, index) => {
      const lease = job.leaseExpiresAt ? `lease ends ${until(job.leaseExpiresAt)}` : job.runner === "worker" ? "held by its connection" : "no lease";
      setText(this.list.children[index].lastElementChild, `${job.jobType}, ${Math.floor(job.progress)} %, ${lease}`);
    });
  }
}
