/** Jobs on a page of the API, and the most pages that are read. */
const PAGE = 500;
const PAGES = 10;

/** All jobs that a query finds, newest first, up to a few thousand; `fetchPage(query)` gives `{ jobs, nextCursor }`. */
export async function allOf(fetchPage, query) {
  const found = [];
  let cursor = null;
  for (let page = 0; page < PAGES; page++) {
    const { jobs, nextCursor } = await fetchPage({ ...query, limit: PAGE, cursor });
    found.push(...jobs);
    cursor = nextCursor;
    if (cursor === null) break;
  }
  return found;
}

/** Jobs by their ids, of which the newest versions count: what is asked for and what comes live may cross. */
export class KnownJobs {
  #byId = new Map();
  #isWanted;
  /** What came while an answer was on its way, by its version; null when none is. */
  #meanwhile = null;

  /** `isWanted(job)` says which jobs are kept. */
  constructor(isWanted = () => true) {
    this.#isWanted = isWanted;
  }

  get jobs() {
    return [...this.#byId.values()];
  }

  /** Takes a job as it is now; gives whether anything is another. */
  take(job) {
    this.#meanwhile?.set(job.jobId, job.version);
    const known = this.#byId.get(job.jobId);
    if (known && known.version >= job.version) return false;
    if (!this.#isWanted(job)) return this.#byId.delete(job.jobId);
    this.#byId.set(job.jobId, job);
    return true;
  }

  remove(jobId) {
    this.#meanwhile?.set(jobId, Infinity);
    return this.#byId.delete(jobId);
  }

  /** Takes what `ask()` answers, one answer at a time; with `isAll` there are no others. */
  async refresh(ask, { isAll }) {
    if (this.#meanwhile) return;
    const meanwhile = (this.#meanwhile = new Map());
    let jobs;
    try {
      jobs = await ask();
    } finally {
      this.#meanwhile = null;
    }
    const told = new Set(jobs.map(({ jobId }) => jobId));
    if (isAll) for (const jobId of this.#byId.keys()) if (!told.has(jobId) && !meanwhile.has(jobId)) this.#byId.delete(jobId);
    for (const job of jobs) if (!(meanwhile.get(job.jobId) >= job.version)) this.take(job);
  }
}
