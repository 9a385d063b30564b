import { boundsOf, isBeginning, isMoment } from "./created.js";

/** The states in the order of a job's life. */
export const statuses = ["pending", "blocked", "scheduled", "queued", "processing", "completed", "failed", "cancelled"];

/** The pages beside that of all jobs. */
export const views = ["errors", "schedules", "batches", "workers", "webhooks"];

/** What a page's address says: a `job`, a `batch` or a `view` (each null when it is not of one), and the `filter` of the list. */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const view = query.get("view");
  const [since, until] = [query.get("since") ?? "", query.get("until") ?? ""];
  return {
    job: query.get("job"),
    batch: query.get("batch"),
    view: views.includes(view) ? view : null,
    filter: {
      status: (query.get("status") ?? "").split(",").filter((status) => statuses.includes(status)),
      queue: query.get("queue") ?? "",
      type: query.get("type") ?? "",
      q: query.get("q") ?? "",
      since: isBeginning(since) ? since : "",
      until: isMoment(until) ? until : "",
      order: query.get("order") === "oldest" ? "oldest" : "",
    },
  };
}

/** The address of a list: only what is asked for stands in it. */
export function listAddress({ status = [], queue, type, q, since, until, order }) {
  const query = new URLSearchParams();
  if (status.length) query.set("status", status.join(","));
  if (queue) query.set("queue", queue);
  if (type) query.set("type", type);
  if (q) query.set("q", q);
  if (since) query.set("since", since);
  if (until) query.set("until", until);
  if (order) query.set("order", order);
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
export function listQuery({ status, queue, type, q, since, until, order }) {
  return { status: status.join(","), queue, jobType: type, q, order, ...boundsOf({ since, until }) };
}

/** Whether a job belongs into a filter's list; the service's own rule, for what comes live. */
export function matches(job, { status, queue, type, q, since, until }) {
  if (status.length && !status.includes(job.status)) return false;
  if (queue && job.queue !== queue) return false;
  if (type && job.jobType !== type) return false;
  const { createdSince, createdBefore } = boundsOf({ since, until });
  if (createdSince && job.createdAt < createdSince) return false;
  if (createdBefore && job.createdAt >= createdBefore) return false;
  if (!q) return true;
  const part = q.toLowerCase();
  return job.jobId.toLowerCase().startsWith(part) || (job.message ?? "").toLowerCase().includes(part)
    || (job.error?.message ?? "").toLowerCase().includes(part) || job.files.some(({ name }) => name.toLowerCase().includes(part));
}
