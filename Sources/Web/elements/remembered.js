// SPDX-License-Identifier: Apache-2.0
/**
 * The jobs that an element shows, kept in the tab's session under a key, so that a reload of the page shows them again.
 *
 * An entry is `{ jobId, name }`. Where a browser keeps nothing, nothing is remembered.
 */
export class Remembered {
  #key;

  constructor(key) {
    this.#key = `jobd:${key}`;
  }

  get entries() {
    try {
      const entries = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      return entries.filter((entry) => typeof entry?.jobId === "string" && typeof entry.name === "string");
    } catch {
      return [];
    }
  }

  add({ jobId, name }) {
    this.#keep([...this.entries.filter((entry) => entry.jobId !== jobId), { jobId, name }]);
  }

  remove(jobId) {
    this.#keep(this.entries.filter((entry) => entry.jobId !== jobId));
  }

  #keep(entries) {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(entries));
    } catch {
      // Full, or forbidden: a reload will not show them.
    }
  }
}
