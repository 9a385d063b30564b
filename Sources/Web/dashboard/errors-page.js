import { h, setText } from "../jobd/elements/dom.js";
import { jobAddress, listAddress } from "./address.js";
import { jobs } from "./api.js";
import { groupsOf } from "./error-groups.js";
import { showFacts } from "./facts.js";
import { KnownPage } from "./known-page.js";
import { confirmed, notice } from "./notices.js";
import { oneByOne } from "./one-by-one.js";
import { counted, moment, nameOf } from "./words.js";

/** Groups that are shown, and jobs of one that are named. */
const GROUPS = 100;
const NAMED = 3;

/** The page of failed jobs by their errors: what goes wrong, how often, and a new try for all that are alike. */
export class ErrorsPage extends KnownPage {
  #timer = null;

  constructor() {
    const count = h("p", { className: "hint" });
    super("Errors", {
      isWanted: ({ status }) => status === "failed", query: { status: "failed" },
      makeCard: () => new ErrorCard((group) => this.#retry(group)), introduction: count,
    });
    this.count = count;
  }

  close() {
    clearTimeout(this.#timer);
  }

  changed() {
    // Once a second is enough for thousands that fail together.
    this.#timer ??= setTimeout(() => this.draw(), 1000);
  }

  draw() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const failed = this.known;
    const groups = groupsOf(failed);
    setText(this.count, failed.length ? `${counted(failed.length, "failed job", "failed jobs")}, ${counted(groups.length, "kind of error", "kinds of errors")}.` : "");
    this.cards.show(groups.slice(0, GROUPS), "No job has failed.");
  }

  async #retry({ jobIds, message, count }) {
    const number = counted(count, "job", "jobs");
    const isSure = await confirmed({
      question: `Retry ${number}?`, explanation: `${message} They begin anew; results and artifacts of before go.`, action: `Retry ${number}`, keep: "Leave them", isDanger: false,
    });
    if (!isSure) return;
    const { done, refused } = await oneByOne(jobIds, (jobId) => jobs.retry(jobId));
    const text = `${counted(done, "job was", "jobs were")} retried.`;
    notice(refused.length ? `${text} ${counted(refused.length, "was", "were")} not: ${refused[0].message}` : text);
  }
}

/** One kind of error. */
class ErrorCard {
  #group = null;

  constructor(onRetry) {
    this.title = h("h2", { tabIndex: -1, dir: "auto" });
    this.count = h("span", { className: "badge" });
    this.facts = h("dl", { className: "facts" });
    this.jobs = h("ul", { className: "files" });
    this.all = h("a");
    this.retry = h("button", { type: "button", className: "operate", onclick: () => onRetry(this.#group) });
    this.element = h("li", { className: "panel card" },
      h("div", { className: "line" }, this.title, this.count), this.facts, this.jobs, h("div", { className: "line" }, this.all, this.retry));
    this.element.dataset.status = "failed";
  }

  show(group) {
    this.#group = group;
    const { code, step, message, count, newest, jobIds, types, q } = group;
    setText(this.title, message);
    setText(this.count, count.toLocaleString("en"));
    showFacts(this.facts, [["Code", code], ["Step", step], ["Cause", newest.error.cause], ["Type", types.join(", ")], ["Last", moment(newest.finishedAt)]]);
    const key = jobIds.slice(0, NAMED).join(" ");
    if (key !== this.jobs.key) {
      this.jobs.key = key;
      this.jobs.replaceChildren(h("li", {}, h("a", { className: "name", href: jobAddress(newest.jobId) }, nameOf(newest)), h("span", { className: "hint" }, "the last one")));
    }
    this.all.href = listAddress({ status: ["failed"], type: types.length === 1 ? types[0] : "", q });
    setText(this.all, "Show the jobs");
    setText(this.retry, count === 1 ? "Retry" : `Retry ${count.toLocaleString("en")}…`);
    this.retry.setAttribute("aria-label", `Retry ${counted(count, "job", "jobs")}: ${message}`);
  }
}
