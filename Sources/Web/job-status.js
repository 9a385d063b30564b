// SPDX-License-Identifier: Apache-2.0
/**
 * `<job-status job-id="…">`: a job's bar, step, message and time, its results, cancel and retry.
 *
 *     <script type="module" src="/jobd/job-status.js"></script>
 *     <job-status job-id="contract-7"></job-status>
 *
 * Attributes, which are properties, too: `job-id`; `base-url` (what stands before `/api`; left out: the page's origin);
 * `readonly` (no buttons). Properties: `texts` (see elements/texts.js), `client` (a JobdClient in place of an own one), `job`
 * (the newest state, null before the first). Events, which bubble: `job-update` and `job-end` with the client's update in
 * `detail`, `job-error` with `{ error }`. Styling: the custom properties `--jobd-…` (elements/style.js) and the parts job,
 * name, figures, bar, fill, details, state, step, message, error, cause, actions, button, cancel, retry, links, link.
 */
import { JobdElement, define, reflect } from "./elements/element.js";
import { JobView } from "./elements/job-view.js";
import { forgetPlace, watchPlace } from "./elements/places.js";

export class JobStatusElement extends JobdElement {
  static observedAttributes = ["job-id", "base-url", "readonly"];
  static settable = ["jobId", "baseUrl", "readonly", "client", "texts"];

  #view = null;
  #run = null;
  #update = null;
  #isStale = false;

  get job() {
    return this.#update?.job ?? null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.renew();
  }

  disconnectedCallback() {
    this.renew();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    super.attributeChangedCallback(name, before, after);
    this.renew();
  }

  textsChanged() {
    if (!this.#view) return;
    this.#view.texts = this.texts;
    if (!this.#update) this.#view.expect();
  }

  /** Begins anew, once for all changes of one turn. */
  renew() {
    if (this.#isStale) return;
    this.#isStale = true;
    queueMicrotask(() => {
      this.#isStale = false;
      this.#run?.abort();
      this.#run = null;
      forgetPlace(this);
      if (!this.isConnected) return;
      this.#update = null;
      this.#view = new JobView(this.texts, () => this.client);
      this.#view.title = this.jobId && this.texts.job(this.jobId);
      this.#view.expect();
      this.shadowRoot.replaceChildren(this.#view.element);
      if (this.jobId) this.#follow();
    });
  }

  async #follow(since) {
    this.#run?.abort();
    const run = (this.#run = new AbortController());
    const view = this.#view;
    const clock = setInterval(() => view.tick(), 1000);
    try {
      const onUpdate = (update) => this.#show(update);
      const onConnection = (isLost) => (view.isLost = isLost);
      await this.client.follow(this.jobId, { since, onUpdate, onConnection, signal: run.signal });
      this.tell("job-end", this.#update);
    } catch (error) {
      if (run.signal.aborted) return;
      view.can = {};
      view.fail(error);
      this.tell("job-error", { error });
    } finally {
      clearInterval(clock);
      view.isLost = false;
      if (this.#run === run) forgetPlace(this);
    }
  }

  #show(update) {
    const view = this.#view;
    this.#update = update;
    view.show(update);
    const hasFailed = update.status === "failed" || update.status === "cancelled";
    view.can = this.readonly ? {} : {
      cancel: update.phase === "end" ? null : () => this.#do("cancel"),
      retry: hasFailed ? () => this.#do("retry") : null,
    };
    forgetPlace(this);
    if (update.status === "queued") watchPlace(this, { jobId: this.jobId, ask: async (id) => this.client.explain(id), onPlace: (count) => (view.place = count) });
    this.tell("job-update", update);
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
      this.tell("job-error", { error });
    }
  }
}

reflect(JobStatusElement, { strings: { jobId: "job-id", baseUrl: "base-url" }, booleans: { readonly: "readonly" } });
define("job-status", JobStatusElement);
