/** The states in the order of a job's life. */
export const statuses = ["pending", "blocked", "scheduled", "queued", "processing", "completed", "failed", "cancelled"];

/** The pages beside that of all jobs. */
export const views = ["errors", "schedules", "batches", "workers", "webhooks"];

/** What a page's address says: a `job`, a `batch` or a `view` (each null when it is not of one), and the `filter` of the list. */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const view = query.get("view");
  return {
    job: query.get("job"),
    batch: query.get("batch"),
    view: views.includes(view) ? view : null,
    filter: {
      status: (query.get("status") ?? "").split(",").filter((status) => statuses.includes(status)),
      queue: query.get("queue") ?? "",
      type: query.get("type") ?? "",
      q: query.get("q") ?? "",
    },
  };
}

/** The address of a list: only what is asked for stands in it. */
export function listAddress({ status, queue, type, q }) {
  const query = new URLSearchParams();
  if (status.length) query.set("status", status.join(","));
  if (queue) query.set("queue", queue);
  if (type) query.set("type", type);
  if (q) query.set("q", q);
  const text = query.toString();
  return text ? `./?${text}` : "./";
}

export function jobAddress(jobId) {
  return `./?${new URLSearchParams({ job: jobId })}`;
}

export function batchAddress(batchId) {
  return `./?${new URLSearchParams({ batch: batchId })}`;
}

export function viewAddress(view) {
  return `./?${new URLSearchParams({ view })}`;
}

/** The query of the API for a filter. */
export function listQuery({ status, queue, type, q }) {
  return { status: status.join(","), queue, jobType: type, q };
}

/** Whether a job belongs into a filter's list; the service's own rule, for what comes live. */
export function matches(job, { status, queue, type, q }) {
  if (status.length && !status.includes(job.status)) return false;
  if (queue && job.queue !== queue) return false;
  if (type && job.jobType !== type) return false;
  if (!q) return true;
  const part = q.toLowerCase();
  return job.jobId.toLowerCase().startsWith(part) || (job.message ?? "").toLowerCase().includes(part)
    || (job.error?.message ?? "").toLowerCase().includes(part) || job.files.some(({ name }) => name.toLowerCase().includes(part));
}
