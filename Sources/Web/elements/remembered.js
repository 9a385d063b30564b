// SPDX-License-Identifier: Apache-2.0
/**
 * What an element shows, kept in the tab's session under a key, so that a reload of the page shows it again.
 *
 * An entry is `{ jobId, name }` of a job, or `{ jobId: null, name, size }` of a file that has not been sent. Where a
 * browser keeps nothing, nothing is remembered.
 */
export class Remembered {
  #key;

  constructor(key) {
    this.#key = `jobd:${key}`;
  }

  get entries() {
    try {
      const entries = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      return entries.filter((entry) => typeof entry?.name === "string" && (typeof entry.jobId === "string" || Number.isFinite(entry.size)));
    } catch {
      return [];
    }
  }

  /** A file is to be sent. */
  begin({ name, size }) {
    this.#keep([...this.#without({ name, size }), { jobId: null, name, size }]);
  }

  /** Its job has begun. */
  add({ jobId, name, size }) {
    this.#keep([...this.#without({ name, size }).filter((entry) => entry.jobId !== jobId), { jobId, name }]);
  }

  remove({ jobId, name, size }) {
    this.#keep(jobId ? this.entries.filter((entry) => entry.jobId !== jobId) : this.#without({ name, size }));
  }

  /** Without the file that has not been sent. */
  #without({ name, size }) {
    return this.entries.filter((entry) => entry.jobId || entry.name !== name || entry.size !== size);
  }

  #keep(entries) {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(entries));
    } catch {
      // Full, or forbidden: a reload will not show them.
    }
  }
}
