/** The jobs of a list that somebody has ticked; `onChange()` is told when it may be others. */
export class Ticks {
  #ids = new Set();
  #last = null;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  get isAny() {
    return this.#ids.size > 0;
  }

  has(jobId) {
    return this.#ids.has(jobId);
  }

  /** Ticks a job or takes its tick away; with `isRange` also those between it and the one before, of the list's `rows`. */
  toggle(jobId, rows, isRange = false) {
    const isTicked = !this.#ids.has(jobId);
    const ids = rows.map(({ job }) => job.jobId);
    const [here, there] = [ids.indexOf(jobId), isRange ? ids.indexOf(this.#last) : -1];
    const changed = there < 0 ? [jobId] : ids.slice(Math.min(here, there), Math.max(here, there) + 1);
    for (const id of changed) {
      if (isTicked) this.#ids.add(id);
      else this.#ids.delete(id);
    }
    this.#last = jobId;
    this.#onChange();
  }

  /** Takes all ticks away; whether there were any. */
  clear() {
    if (!this.isAny) return false;
    this.#ids.clear();
    this.#onChange();
    return true;
  }

  /** The jobs of the list's rows that are ticked, as they are now; what has left the list is not among them. */
  of(rows) {
    return this.isAny ? rows.filter(({ job }) => this.#ids.has(job.jobId)).map(({ job }) => job) : [];
  }
}
