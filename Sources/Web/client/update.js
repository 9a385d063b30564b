// SPDX-License-Identifier: Apache-2.0
const phases = {
  pending: "wait", blocked: "wait", scheduled: "wait", queued: "wait", processing: "process",
  completed: "end", failed: "end", cancelled: "end",
};

/** Whether a job has ended; only a retry leads out of it. */
export function isFinal(job) {
  return phases[job.status] === "end";
}

const UPLOAD_SHARE = 30;

/**
 * The one bar of an upload and its job, 0 to 100: the upload has the first `uploadShare` of it (30 of 100 when left out),
 * the job the rest.
 *
 * It goes back only with a new attempt.
 */
export class Bar {
  #share;
  #progress = 0;
  #attempt = 0;

  constructor(uploadShare = UPLOAD_SHARE) {
    this.#share = Math.min(100, Math.max(0, Number(uploadShare) || 0));
  }

  /** What is shown of an upload; `progress` is its own, 0 to 100. */
  uploading(progress) {
    this.#progress = Math.max(this.#progress, (progress * this.#share) / 100);
    return { phase: "upload", progress: this.#progress, status: null, version: 0, attempt: 0, job: null, isLost: false };
  }

  /** What is shown while an upload, or what follows it, cannot reach the service. */
  lost() {
    return { ...this.uploading(0), isLost: true };
  }

  /** What is shown of a job. */
  of(job) {
    const progress = this.#share + (job.progress * (100 - this.#share)) / 100;
    this.#progress = job.attempt === this.#attempt ? Math.max(this.#progress, progress) : progress;
    this.#attempt = job.attempt;
    return {
      phase: phases[job.status] ?? "wait", progress: this.#progress, status: job.status, version: job.version,
      attempt: job.attempt, job, isLost: false,
    };
  }
}
