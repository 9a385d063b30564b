import { h, setText } from "../jobd/elements/dom.js";
import { jobAddress } from "./address.js";
import { actionsOf, age, nameOf, newsOf, statusNames } from "./words.js";

/** What a row has, from its beginning to its end. */
export const columns = ["Status", "Job", "Type", "Progress", "What it does", "Age", "Actions"];

/**
 * A row of the table, which shows one job and later another.
 *
 * `onAction(name, job)` is told of its button, `onTick(job, isRange)` of its box.
 */
export class JobRow {
  #index;
  #height;
  job = null;

  constructor({ onAction, onTick }) {
    const cell = (className, ...children) => h("div", { className: `cell ${className}`, role: "cell" }, ...children);
    this.box = h("input", { type: "checkbox", onclick: (event) => onTick(this.job, event.shiftKey) });
    this.status = h("span", { className: "badge" });
    this.link = h("a", { className: "name", dir: "auto" });
    this.id = h("span", { className: "id", dir: "auto" });
    this.type = h("span");
    this.fill = h("span", { className: "fill" });
    this.percent = h("span", { className: "percent" });
    this.news = h("span", { className: "news", dir: "auto" });
    this.age = h("span");
    this.button = h("button", { type: "button", className: "operate", onclick: () => onAction(this.button.name, this.job) });
    this.element = h("div", { className: "row", role: "row" },
      cell("status", h("label", { className: "tick operate" }, this.box), this.status), cell("job", this.link, this.id), cell("type", this.type),
      cell("progress", h("span", { className: "mini" }, this.fill), this.percent), cell("message", this.news),
      cell("age", this.age), cell("actions", this.button));
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  place(index, height) {
    if (this.#index === index && this.#height === height) return;
    this.#index = index;
    this.#height = height;
    this.element.style.translate = `0 ${index * height}px`;
    this.element.setAttribute("aria-rowindex", index + 2);
  }

  show(job, isTicked) {
    this.box.checked = isTicked;
    this.element.classList.toggle("is-ticked", isTicked);
    this.showAge(job, Date.now());
    if (this.job === job) return;
    if (this.job?.jobId !== job.jobId) this.#showWhich(job);
    this.job = job;
    this.#showState(job);
  }

  showAge({ createdAt }, now) {
    setText(this.age, age(createdAt, now));
  }

  /** What never changes of a job. */
  #showWhich(job) {
    const name = nameOf(job);
    this.box.setAttribute("aria-label", `Tick ${name}`);
    setText(this.link, name);
    this.link.title = name;
    this.link.classList.toggle("is-id", !job.files.length);
    this.link.href = jobAddress(job.jobId);
    this.id.title = job.files.length ? job.jobId : "";
    setText(this.id, this.id.title);
    this.type.title = job.jobType;
    setText(this.type, job.jobType);
  }

  #showState(job) {
    const actions = actionsOf(job);
    this.element.dataset.status = job.status;
    setText(this.status, job.cancelRequestedAt && actions.length === 0 ? "Stopping" : statusNames[job.status]);
    this.fill.style.inlineSize = `${job.progress}%`;
    setText(this.percent, `${Math.floor(job.progress)} %`);
    this.news.title = newsOf(job);
    setText(this.news, this.news.title);
    const action = actions.find((name) => name !== "delete");
    this.button.hidden = !action;
    this.button.name = action ?? "";
    setText(this.button, action === "retry" ? "Retry" : "Cancel");
    this.button.setAttribute("aria-label", `${this.button.textContent} ${nameOf(job)}`);
  }
}
