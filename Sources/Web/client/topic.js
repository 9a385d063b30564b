// SPDX-License-Identifier: Apache-2.0

/** One job that somebody watches. */
export class Topic {
  watchers = new Set();
  version = 0;
  job = null;
  isOver = false;
  needsPolling = false;
  graceMs = 0;
  /** The timer after which a job of which nothing is known is asked for. */
  doubt = null;
  /** Since when every answer was that there is no such job; null while there is one. */
  missingSince = null;

  constructor(jobId, earlier) {
    this.jobId = jobId;
    if (earlier) this.watchers = earlier.watchers;
  }

  graceLeft() {
    return this.graceMs - (Date.now() - (this.missingSince ?? Date.now()));
  }

  mayStillCome() {
    this.missingSince ??= Date.now();
    return this.graceLeft() > 0;
  }
}
