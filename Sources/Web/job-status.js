// SPDX-License-Identifier: Apache-2.0
/**
 * `<job-status job-id="…">`: a job's bar, step, message and time, its results, cancel and retry.
 *
 *     <script type="module" src="/jobd/job-status.js"></script>
 *     <job-status job-id="contract-7"></job-status>
 *
 * Attributes: `job-id`; `base-url` (what stands before `/api`; left out: the page's origin); `readonly` (no buttons).
 * Properties: `jobId`, `texts` (see elements/texts.js), `client` (a JobdClient in place of an own one), `job` (the newest
 * state, null before the first). Events, which bubble: `job-update` and `job-end` with the client's update in `detail`,
 * `job-error` with its error. Styling: the custom properties `--jobd-…` (elements/style.js) and the parts job, name, figures,
 * bar, fill, details, state, step, message, error, actions, button, cancel, retry, links, link.
 */
import { JobdClient } from "./jobd-client.js";
import { JobView } from "./elements/job-view.js";
import { elementStyle } from "./elements/style.js";
import { mergedTexts } from "./elements/texts.js";

export class JobStatusElement extends HTMLElement {
  static observedAttributes = ["job-id", "base-url", "readonly"];

  #texts = mergedTexts();
  #client = null;
  #view = null;
  #run = null;
  #update = null;
  #isStale = false;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [elementStyle];
  }

  get jobId() {
    return this.getAttribute("job-id") ?? "";
  }

  set jobId(jobId) {
    this.setAttribute("job-id", jobId);
  }

  get client() {
    return (this.#client ??= new JobdClient({ baseUrl: this.getAttribute("base-url") ?? "" }));
  }

  set client(client) {
    this.#client = client;
    this.#renew();
  }

  get texts() {
    return this.#texts;
  }

  set texts(texts) {
    this.#texts = mergedTexts(texts);
    this.#renew();
  }

  get job() {
    return this.#update?.job ?? null;
  }

  connectedCallback() {
    this.#renew();
  }

  disconnectedCallback() {
    this.#renew();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === "base-url") this.#client = null;
    this.#renew();
  }

  /** Begins anew, once for all changes of one turn. */
  #renew() {
    if (this.#isStale) return;
    this.#isStale = true;
    queueMicrotask(() => {
      this.#isStale = false;
      this.#run?.abort();
      this.#run = null;
      if (!this.isConnected) return;
      this.#update = null;
      this.#view = new JobView(this.#texts, (artifact) => this.client.artifactUrl(artifact));
      this.#view.title = this.jobId && this.#texts.job(this.jobId);
      this.#view.expect();
      this.shadowRoot.replaceChildren(this.#view.element);
      if (this.jobId) this.#follow();
    });
  }

  async #follow(since) {
    this.#run?.abort();
    const run = (this.#run = new AbortController());
    const clock = setInterval(() => this.#view.tick(), 1000);
    try {
      const onUpdate = (update) => this.#show(update);
      await this.client.follow(this.jobId, { since, onUpdate, signal: run.signal });
      this.#tell("job-end", this.#update);
    } catch (error) {
      if (run.signal.aborted) return;
      this.#view.can = {};
      this.#view.fail(error);
      this.#tell("job-error", error);
    } finally {
      clearInterval(clock);
    }
  }

  #show(update) {
    this.#update = update;
    this.#view.show(update);
    const hasFailed = update.status === "failed" || update.status === "cancelled";
    this.#view.can = this.hasAttribute("readonly") ? {} : {
      cancel: update.phase === "end" ? null : () => this.#do("cancel"),
      retry: hasFailed ? () => this.#do("retry") : null,
    };
    this.#tell("job-update", update);
  }

  async #do(action) {
    this.#view.setBusy(action, true);
    try {
      const job = await this.client[action](this.jobId);
      this.#view.clear();
      // What was retried goes on from the state that the answer shows.
      this.#view.setBusy(action, action === "cancel");
      if (action === "retry") this.#follow(job.version - 1);
    } catch (error) {
      // It has ended meanwhile, which is shown anyway.
      if (error.status === 409) return;
      this.#view.setBusy(action, false);
      this.#view.complain(error);
      this.#tell("job-error", error);
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

if (!customElements.get("job-status")) customElements.define("job-status", JobStatusElement);
