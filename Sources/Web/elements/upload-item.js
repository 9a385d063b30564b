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

  /** Sends the file when it is its turn, and follows its job. */
  start() {
    this.#begin((signal) => new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#given.enqueue((sent) => {
        if (signal.aborted) return sent();
        this.#submit(signal, sent).finally(sent).then(resolve, reject);
      });
    }));
    this.#show({ phase: "upload", progress: 0, status: null, version: 0, attempt: 0, job: null });
  }

  #submit(signal, sent) {
    const { client, jobType, metadata } = this.#given;
    return client.submit(this.#file, {
      jobType, metadata, signal,
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
    if (wasCancelled) {
      this.#view.show({ ...this.#update, phase: "end", status: "cancelled" });
    } else {
      this.#view.fail(error);
      this.#given.tell("job-error", { error, file: this.#file });
    }
    this.#view.can = { retry: () => this.#retry(), remove: this.#given.remove };
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

  /** A job that has failed is run again; a file that did not arrive is sent again. */
  #retry() {
    const job = this.#job;
    if (!job) return this.start();
    this.#begin(async (signal) => {
      const { client } = this.#given;
      const isOver = ["failed", "cancelled"].includes(job.status);
      const { version } = isOver ? await client.retry(job.jobId, { signal }) : job;
      return client.follow(job.jobId, { signal, since: version - 1, onUpdate: (update) => this.#show(update) });
    });
  }
}
