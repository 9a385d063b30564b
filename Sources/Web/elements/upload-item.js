// SPDX-License-Identifier: Apache-2.0
import { h } from "./dom.js";
import { JobView } from "./job-view.js";
import { forgetPlace, watchPlace } from "./places.js";
import { jobName } from "./texts.js";

/**
 * One job of an upload element: its files are sent, then it is followed, ended or tried again by its buttons.
 *
 * `given` has what the element gives: `client`, `texts`, the `options` of a submit, `enqueue(begin)` for its turn, `tell(name,
 * detail)`, `begun(jobId)`, `changed()` and `remove()`.
 */
export class UploadItem {
  #files;
  #given;
  #view;
  #run = null;
  #job = null;
  #update = null;
  /** How far an earlier try came: the ids of the files that have arrived and of their job. */
  #sent = {};
  /** How far the bytes are, or were. */
  transfer = null;
  state = "upload";

  /** Of what was sent before the page was loaded, `files` have only names. */
  constructor(files, given) {
    this.#files = files;
    this.#given = given;
    this.#view = new JobView(given.texts, () => given.client);
    this.#view.title = jobName({ files }, given.texts);
    this.element = h("li", {}, this.#view.element);
    if (this.#canSend) this.transfer = { loaded: 0, total: files.reduce((sum, { size }) => sum + size, 0), bytesPerSecond: null, secondsLeft: null };
  }

  get #canSend() {
    return this.#files.every((file) => file instanceof Blob);
  }

  get progress() {
    return this.#update?.progress ?? 0;
  }

  /** How many files it has. */
  get count() {
    return this.#files.length;
  }

  get jobId() {
    return this.#job?.jobId ?? null;
  }

  set texts(texts) {
    this.#given.texts = texts;
    this.#view.texts = texts;
    if (this.state === "interrupted") this.#view.expect(texts.interrupted);
  }

  tick() {
    this.#view.tick();
  }

  /** Whether its files, or what starts its job, are still under way: they are lost when the page goes. */
  get isSending() {
    return this.#update?.phase === "upload";
  }

  /** Whether it waits for this file, which had not been sent before the page was loaded. */
  isAbout({ name, size }) {
    return this.state === "interrupted" && this.#files[0].name === name && this.#files[0].size === size;
  }

  /** Says that the page went before the file had been sent. */
  interrupt() {
    this.state = "interrupted";
    this.#view.expect(this.#given.texts.interrupted);
    this.#view.can = { remove: this.#given.remove };
  }

  /** Shows a job that was started before the page was loaded. */
  resume(jobId) {
    this.#view.expect();
    this.#begin((signal) => this.#follow(jobId, { signal }));
  }

  /** Sends the files when it is their turn, and follows their job. */
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

  /** Nobody wants to see it any more; its job goes on, and what is being sent is broken off. */
  close() {
    forgetPlace(this);
    this.#given.tell = () => {};
    this.#run?.abort();
  }

  #submit(signal, sent) {
    return this.#given.client.submit(this.#files.length > 1 ? this.#files : this.#files[0], {
      ...this.#given.options, signal, ...this.#sent,
      // For as long as the page lives: whoever does not want to wait cancels.
      patienceMs: Infinity,
      onConnection: (isLost) => (this.#view.isLost = isLost),
      onUpdate: (update, transfer) => {
        if (update.job) sent();
        this.#show(update, transfer);
      },
    });
  }

  #follow(jobId, options) {
    return this.#given.client.follow(jobId, {
      ...options, onUpdate: (update) => this.#show(update), onConnection: (isLost) => (this.#view.isLost = isLost),
    });
  }

  async #begin(action) {
    const run = (this.#run = new AbortController());
    this.#view.clear();
    try {
      const job = await action(run.signal);
      this.#given.tell("job-end", { ...this.#update, job, ...this.#about });
    } catch (error) {
      if (this.#run === run) this.#fail(error, run.signal.aborted);
    }
  }

  get #about() {
    return { file: this.#files[0], files: this.#files };
  }

  #show(update, transfer = null) {
    this.#update = update;
    if (update.job && !this.#job) this.#given.begun(update.job.jobId);
    this.#job = update.job;
    this.state = update.status ?? update.phase;
    if (transfer) this.transfer = transfer;
    else if (update.job && this.transfer) this.transfer = { ...this.transfer, loaded: this.transfer.total };
    else if (update.isLost && this.transfer) this.transfer = { ...this.transfer, bytesPerSecond: null, secondsLeft: null };
    this.#view.show(update, transfer ?? (update.phase === "upload" && this.transfer?.loaded ? this.transfer : null));
    const hasEnded = update.phase === "end";
    this.#view.can = {
      cancel: hasEnded ? null : () => this.#cancel(),
      retry: hasEnded && update.status !== "completed" ? () => this.#retry() : null,
      remove: hasEnded ? this.#given.remove : null,
    };
    if (update.status === "queued") {
      watchPlace(this, { jobId: update.job.jobId, ask: async (id) => this.#given.client.explain(id), onPlace: (count) => (this.#view.place = count) });
    } else forgetPlace(this);
    this.#given.changed();
    this.#given.tell("job-update", { ...update, ...this.#about });
  }

  #fail(error, wasCancelled) {
    const { fileId, fileIds, jobId } = error;
    forgetPlace(this);
    // A file that was not used for too long is gone, and sent anew.
    this.#sent = fileIds?.some(Boolean) && error.code !== "file-not-found" ? { fileId, fileIds, jobId } : {};
    this.state = wasCancelled ? "cancelled" : "error";
    if (wasCancelled) {
      this.#view.show({ ...this.#update, phase: "end", status: "cancelled", isLost: false });
    } else {
      this.#view.fail(error);
      this.#given.tell("job-error", { error, ...this.#about });
    }
    // Nothing is under way any more, so the page may be left.
    this.#update = null;
    // What was resumed has only its name; its file cannot be sent again.
    this.#view.can = { retry: this.#canSend ? () => this.#retry() : null, remove: this.#given.remove };
    this.#given.changed();
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
      this.#given.tell("job-error", { error, ...this.#about });
    }
  }

  /** A job that has failed is run again; files whose job did not begin go on where they came to. */
  #retry() {
    const job = this.#job;
    if (!job || job.status === "pending") return this.start();
    this.#begin(async (signal) => {
      const { client } = this.#given;
      const isOver = ["failed", "cancelled"].includes(job.status);
      const { version } = isOver ? await client.retry(job.jobId, { signal }) : job;
      return this.#follow(job.jobId, { signal, since: version - 1 });
    });
  }
}
