import { h, setShown, setText } from "../jobd/elements/dom.js";
import { jobAddress } from "./address.js";
import { jobs, service } from "./api.js";
import { showState } from "./batches-page.js";
import { showFacts } from "./facts.js";
import { KnownJobs } from "./known-jobs.js";
import { confirmed, notice } from "./notices.js";
import { spoken } from "./spoken.js";
import { batchNames, countsOf, moment, nameOf, newsOf, statusNames } from "./words.js";

/** Jobs that are looked through for those of the batch. */
const JOBS = 500;
/** Of its jobs, so many are listed. */
const LISTED = 200;

/** The page of one batch: how far it is, and those of its jobs that can be found. */
export class BatchPage {
  #batchId;
  #known;
  #isLooking = false;
  #isStale = false;
  isLive = false;

  constructor(batchId) {
    this.#batchId = batchId;
    this.#known = new KnownJobs((job) => job.batchId === batchId);
    this.title = batchId;
    this.heading = h("h1", { id: "title", tabIndex: -1 }, batchId);
    this.badge = h("span", { className: "badge" });
    this.fill = h("span", { className: "fill" });
    this.bar = h("div", { className: "bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.news = h("p", { className: "news" }, "Loading…");
    this.spoken = spoken();
    this.cancel = h("button", { type: "button", name: "cancel", className: "operate", hidden: true, onclick: () => this.#cancel() }, "Cancel");
    this.facts = h("dl", { className: "facts" });
    this.metadata = h("pre", { tabIndex: 0, role: "group", "aria-label": "Metadata" });
    this.jobs = h("ul", { className: "files" });
    const panel = (title, ...children) => h("section", { className: "panel", "aria-label": title }, h("h2", {}, title), ...children);
    this.columns = h("div", { className: "columns", hidden: true },
      h("div", {}, panel("Jobs", h("p", { className: "hint" }, `Failed jobs come first. At most the newest ${JOBS} of them are shown, and the newest ${JOBS} of all.`), this.jobs)),
      h("div", {}, panel("Facts", this.facts), panel("Metadata", this.metadata)));
    this.element = h("div", { className: "job-page" },
      h("p", { className: "back" }, h("a", { href: "./?view=batches" }, "All batches")),
      h("div", { className: "job-head" }, this.heading, this.badge, h("div", { className: "buttons" }, this.cancel)),
      this.bar, this.news, this.spoken, this.columns);
  }

  start() {
    this.missed();
  }

  close() {}

  change(changed, gone) {
    const news = [...changed.map((job) => this.#known.take(job)), ...gone.map((jobId) => this.#known.remove(jobId))];
    if (news.some(Boolean)) this.#look();
  }

  async missed() {
    await this.#look();
    try {
      await this.#known.refresh(async () => {
        const pages = await Promise.all([jobs.list({ limit: JOBS, status: "failed" }), jobs.list({ limit: JOBS })]);
        return pages.flatMap(({ jobs }) => jobs);
      }, { isAll: false });
      this.#showJobs();
    } catch {
      // The batch itself is there; the next look may find its jobs.
    }
  }

  show() {
    if (!this.isLive) this.missed();
  }

  /** Asks for the batch, one look at a time. */
  async #look() {
    this.#isStale = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        this.#tell(await service.batch(this.#batchId));
      }
    } catch (error) {
      setText(this.news, error.message);
      setText(this.spoken, error.message);
      setShown(this.cancel, false, this.heading);
    }
    this.#isLooking = false;
  }

  #tell(batch) {
    showState(this, batch);
    this.columns.hidden = false;
    setText(this.news, countsOf(batch.counts));
    setText(this.spoken, `${batch.batchId}: ${batchNames[batch.status]}`);
    setShown(this.cancel, batch.status === "open", this.heading);
    showFacts(this.facts, [
      ["Id", batch.batchId], ["Owner", batch.owner], ["Created", moment(batch.createdAt)], ["Finished", batch.finishedAt && moment(batch.finishedAt)],
      ["Then", batch.then && { text: batch.then, href: jobAddress(batch.then) }],
    ]);
    setText(this.metadata, JSON.stringify(batch.metadata, null, 2));
    this.#showJobs();
  }

  #showJobs() {
    const rank = ({ status }) => (status === "failed" ? 0 : 1);
    const listed = this.#known.jobs.sort((a, b) => rank(a) - rank(b) || (a.createdAt < b.createdAt ? 1 : -1)).slice(0, LISTED);
    const key = JSON.stringify(listed.map(({ jobId, version }) => [jobId, version]));
    if (key === this.jobs.key) return;
    this.jobs.key = key;
    this.jobs.replaceChildren(...listed.map((job) => {
      const badge = h("span", { className: "badge" }, statusNames[job.status] ?? job.status);
      const item = h("li", {}, h("a", { className: "name", href: jobAddress(job.jobId) }, nameOf(job)), badge, h("span", { className: "hint" }, newsOf(job)));
      item.dataset.status = job.status;
      return item;
    }));
    if (!listed.length) this.jobs.replaceChildren(h("li", {}, "None found."));
  }

  async #cancel() {
    const isSure = await confirmed({
      question: `Cancel the batch ${this.#batchId}?`, explanation: "All its jobs that have not ended are cancelled; those that run are stopped.", action: "Cancel them", keep: "Leave them",
    });
    if (!isSure) return;
    try {
      this.#tell(await service.cancelBatch(this.#batchId));
    } catch (error) {
      notice(error.message);
    }
  }
}
