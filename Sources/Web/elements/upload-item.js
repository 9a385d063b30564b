// SPDX-License-Identifier: Apache-2.0
import { h } from "./dom.js";
import { JobView } from "./job-view.js";

/** One file of an upload element: sent, then followed as a job, ended or tried again by its buttons. */
export class UploadItem {
  #file;
  #given;
  #view;
  #run = null;
  #job = null;
  #update = null;
  /** How far an earlier try came: the ids of the file that has arrived and of its job. */
  #sent = {};

  constructor(file, given) {
    this.#file = file;
    this.#given = given;
    this.#view = new JobView(given.texts, (artifact) => given.client.artifactUrl(artifact));
    this.#view.title = file.name;
    this.element = h("li", {}, this.#view.element);
  }

  tick() {
    this.#view.tick();
  }

  /** Whether its file, or what starts its job, is still under way: it is lost when the page goes. */
  get isSending() {
    return this.#update?.phase === "upload";
  }

  /** Shows a job that was started before the page was loaded. */
  resume(jobId) {
    this.#view.expect();
    this.#begin((signal) => this.#given.client.follow(jobId, { signal, onUpdate: (update) => this.#show(update) }));
  }

  /** Sends the file when it is its turn, and follows its job. */
  start() {
    this.#begin((signal) => new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#given.enqueue((sent) => {
        if (signal.aborted) return sent();
        this.#submit(signal, sent).finally(sent).then(resolve, reject);
      });
    }));
    this.#show({ phase: "upload", progress: 0, status: null, version: 0, attempt: 0, job: null, isLost: false });
  }

  #submit(signal, sent) {
    const { client, jobType, metadata } = this.#given;
    return client.submit(this.#file, {
      jobType, metadata, signal, ...this.#sent,
      // For as long as the page lives: whoever does not want to wait cancels.
      patienceMs: Infinity,
      onUpdate: (update) => {
        if (update.job) sent();
        this.#show(update);
      },
    });
  }

  async #begin(action) {
    const run = (this.#run = new AbortController());
    this.#view.clear();
    try {
      const job = await action(run.signal);
      this.#given.tell("job-end", { ...this.#update, job, file: this.#file });
    } catch (error) {
      if (this.#run === run) this.#fail(error, run.signal.aborted);
    }
  }

  #show(update) {
    this.#update = update;
    if (update.job && !this.#job) this.#given.begun?.(update.job.jobId);
    this.#job = update.job;
    this.#view.show(update);
    const hasEnded = update.phase === "end";
    this.#view.can = {
      cancel: hasEnded ? null : () => this.#cancel(),
      retry: hasEnded && update.status !== "completed" ? () => this.#retry() : null,
      remove: hasEnded ? this.#given.remove : null,
    };
    this.#given.tell("job-update", { ...update, file: this.#file });
  }

  #fail(error, wasCancelled) {
    const { fileId, jobId } = error;
    // A file that was not used for too long is gone, and sent anew.
    this.#sent = fileId && error.code !== "file-not-found" ? { fileId, jobId } : {};
    if (wasCancelled) {
      this.#view.show({ ...this.#update, phase: "end", status: "cancelled" });
    } else {
      this.#view.fail(error);
      this.#given.tell("job-error", { error, file: this.#file });
    }
    // Nothing is under way any more, so the page may be left.
    this.#update = null;
    // What was resumed has only its name; its file cannot be sent again.
    this.#view.can = { retry: this.#file instanceof Blob ? () => this.#retry() : null, remove: this.#given.remove };
  }

  /** A job is cancelled by the service; an upload is broken off. */
  async #cancel() {
    if (!this.#job) return this.#run.abort();
    this.#view.setBusy("cancel", true);
    try {
      await this.#given.client.cancel(this.#job.jobId);
    } catch (error) {
      // It has ended meanwhile, which is shown anyway.
      if (error.status === 409) return;
      this.#view.setBusy("cancel", false);
      this.#view.complain(error);
      this.#given.tell("job-error", { error, file: this.#file });
    }
  }

  /** A job that has failed is run again; a file whose job did not begin goes on where it came to. */
  #retry() {
    const job = this.#job;
    if (!job || job.status === "pending") return this.start();
    this.#begin(async (signal) => {
      const { client } = this.#given;
      const isOver = ["failed", "cancelled"].includes(job.status);
      const { version } = isOver ? await client.retry(job.jobId, { signal }) : job;
      return client.follow(job.jobId, { signal, since: version - 1, onUpdate: (update) => this.#show(update) });
    });
  }
}
