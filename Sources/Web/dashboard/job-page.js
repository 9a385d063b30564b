import { artifactLink } from "../jobd/elements/artifact-link.js";
import { h, setShown, setText } from "../jobd/elements/dom.js";
import { bytes } from "../jobd/elements/format.js";
import { isFinal } from "../jobd/client/update.js";
import { act } from "./actions.js";
import { jobs } from "./api.js";
import { factsOf, list, showFacts } from "./facts.js";
import { LogView } from "./log-view.js";
import { notice } from "./notices.js";
import { spoken } from "./spoken.js";
import { Timeline } from "./timeline.js";
import { Waiting } from "./waiting.js";
import { actionsOf, moment, nameOf, newsOf, statusNames } from "./words.js";

const actionNames = { hurry: "Run next", cancel: "Cancel", retry: "Retry", delete: "Delete" };

/** The page of one job: everything that is known of it, as it comes. */
export class JobPage {
  #jobId;
  #go;
  #job = null;
  #clock;
  #run = new AbortController();

  constructor(jobId, go) {
    this.#jobId = jobId;
    this.#go = go;
    this.title = jobId;
    this.heading = h("h1", { id: "title", tabIndex: -1, dir: "auto" }, jobId);
    this.badge = h("span", { className: "badge" });
    this.fill = h("span", { className: "fill" });
    this.bar = h("div", { className: "bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.news = h("p", { className: "news", dir: "auto" }, "Loading…");
    this.spoken = spoken();
    this.actions = Object.keys(actionNames).map((name) =>
      h("button", { type: "button", name, hidden: true, className: name === "delete" ? "danger operate" : "operate", onclick: () => this.#act(name) }, actionNames[name]));
    this.facts = h("dl", { className: "facts" });
    this.error = h("section", { className: "panel failure", "aria-label": "Error", hidden: true });
    this.timeline = new Timeline();
    this.waiting = new Waiting(jobId);
    this.log = new LogView(jobId);
    this.files = h("ul", { className: "files" });
    this.artifacts = h("ul", { className: "files" });
    this.metadata = h("pre", { tabIndex: 0, role: "group", "aria-label": "Metadata" });
    this.result = h("pre", { tabIndex: 0, role: "group", "aria-label": "Result" });
    const panel = (title, ...children) => h("section", { className: "panel", "aria-label": title }, h("h2", {}, title), ...children);
    this.earlier = h("ul", { className: "files" });
    this.panels = {
      artifacts: panel("Artifacts", this.artifacts), result: panel("Result", this.result), earlier: panel("Earlier attempts", this.earlier),
    };
    // What is not known has nothing to show.
    this.columns = h("div", { className: "columns", hidden: true },
      h("div", {}, panel("Timeline", this.timeline.element), this.panels.earlier, this.panels.artifacts, panel("Log", this.log.element), this.panels.result),
      h("div", {}, panel("Facts", this.facts), panel("Files", this.files), panel("Metadata", this.metadata)));
    this.element = h("div", { className: "job-page" },
      h("p", { className: "back" }, h("a", { href: "./" }, "All jobs")),
      h("div", { className: "job-head" }, this.heading, this.badge, h("div", { className: "buttons" }, this.actions)),
      this.bar, this.news, this.spoken, this.waiting.element, this.error, this.columns);
  }

  start() {
    this.#follow();
    this.#clock = setInterval(() => this.#tick(), 1000);
  }

  close() {
    this.#run.abort();
    clearInterval(this.#clock);
    this.log.close();
    this.waiting.close();
  }

  /** Time has passed: its place in the queue may be another. */
  show() {
    this.waiting.look();
  }

  change(changed, gone) {
    // Its own stream ends with the job; what happens later is told by that of all jobs.
    const job = changed.find(({ jobId }) => jobId === this.#jobId);
    if (job && this.#job && isFinal(this.#job) && job.version > this.#job.version) this.#follow(this.#job.version);
    if (gone.includes(this.#jobId)) this.#end("This job was deleted.");
  }

  missed() {
    if (this.#job && isFinal(this.#job)) jobs.get(this.#jobId).then((job) => this.change([job], [])).catch(() => {});
  }

  async #follow(since) {
    try {
      await jobs.follow(this.#jobId, { since, signal: this.#run.signal, onUpdate: ({ job }) => this.#tell(job) });
    } catch (error) {
      if (!this.#run.signal.aborted) this.#end(error.message);
    }
  }

  #end(sentence) {
    setText(this.news, sentence);
    setText(this.spoken, sentence);
    for (const button of this.actions) setShown(button, false, this.heading);
  }

  #tell(job) {
    const before = this.#job;
    this.#job = job;
    this.columns.hidden = false;
    setText(this.heading, nameOf(job));
    document.title = `${nameOf(job)} – jobd`;
    this.element.dataset.status = job.status;
    setText(this.spoken, [`${nameOf(job)}: ${statusNames[job.status]}`, job.status === "failed" && job.error?.message].filter(Boolean).join(". "));
    setText(this.badge, job.cancelRequestedAt && !isFinal(job) ? "Stopping" : statusNames[job.status]);
    this.fill.style.inlineSize = `${job.progress}%`;
    this.bar.setAttribute("aria-valuenow", Math.floor(job.progress));
    this.bar.setAttribute("aria-valuetext", `${Math.floor(job.progress)} percent, ${statusNames[job.status]}`);
    setText(this.news, isFinal(job) && job.status !== "cancelled" ? "" : job.startedAt ? newsOf(job) : (job.message ?? ""));
    const can = actionsOf(job);
    for (const button of this.actions) setShown(button, can.includes(button.name), this.heading);
    this.waiting.show(job, this.heading);
    this.#showError(job);
    // Only a retry leads out of an end, and it clears what was.
    const isAnew = before !== null && isFinal(before);
    if (isAnew) this.timeline.clear();
    this.timeline.show(job);
    this.log.follow(job, isAnew);
    this.#showLists(job);
    this.#tick();
  }

  #showError({ error, status }) {
    setShown(this.error, status === "failed" && Boolean(error));
    if (!error) return;
    const facts = [["Code", error.code], ["Step", error.step], ["Exit code", error.exitCode], ["Signal", error.signal], ["Cause", error.cause]];
    this.error.replaceChildren(h("h2", { dir: "auto" }, error.message || "It failed"), list(facts));
  }

  #showLists(job) {
    replaceWhenChanged(this.files, job.files, (file) => h("li", {},
      h("span", { className: "name", dir: "auto" }, file.name), h("span", { className: "hint" }, `${file.mediaType}, ${bytes(file.size)}`)));
    if (!job.files.length) this.files.replaceChildren(h("li", {}, "None"));
    replaceWhenChanged(this.artifacts, job.artifacts ?? [], (artifact) => h("li", {},
      artifactLink(h, jobs, artifact, (error) => notice(error.message)),
      h("span", { className: "hint" }, `${artifact.mediaType}, ${bytes(artifact.size)}`)));
    this.panels.artifacts.hidden = !job.artifacts?.length;
    replaceWhenChanged(this.earlier, job.earlierAttempts ?? [], ({ attempt, error, finishedAt }) => h("li", {},
      h("span", { className: "name", dir: "auto" }, error ? error.message || error.code : "It did not fail."),
      h("span", { className: "hint" }, `attempt ${attempt}${error?.step ? `, ${error.step}` : ""}, ${moment(finishedAt)}`)));
    this.panels.earlier.hidden = !job.earlierAttempts?.length;
    setText(this.metadata, JSON.stringify(job.metadata, null, 2));
    this.panels.result.hidden = !job.result;
    setText(this.result, JSON.stringify(job.result, null, 2));
  }

  #tick() {
    if (!this.#job) return;
    showFacts(this.facts, factsOf(this.#job));
    this.timeline.tick();
  }

  async #act(name) {
    const isDone = await act(name, this.#job);
    if (isDone && name === "delete") this.#go("./");
  }
}

function replaceWhenChanged(element, values, make) {
  const key = JSON.stringify(values);
  if (element.key === key) return;
  element.key = key;
  element.replaceChildren(...values.map(make));
}
