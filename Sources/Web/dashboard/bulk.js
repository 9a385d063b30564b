import { statuses } from "./address.js";
import { ageNames, boundsOf } from "./created.js";
import { counted, moment, statusNames } from "./words.js";

/** The most jobs that one request changes; the service's own limit when none is named. */
export const BULK_LIMIT = 10_000;

/** What may be done to many jobs, and in which states. */
export const bulkActions = {
  retry: { name: "Retry", past: "retried", states: ["failed", "cancelled"] },
  cancel: { name: "Cancel", past: "cancelled", states: ["pending", "blocked", "scheduled", "queued", "processing"] },
  delete: { name: "Delete", past: "deleted", states: ["completed", "failed", "cancelled"] },
};

/** The states of a filter's jobs to which an action may be done; empty when it may be done to none of them. */
export function statesOf(action, filter) {
  const { states } = bulkActions[action];
  return filter.status.length ? filter.status.filter((status) => states.includes(status)) : states;
}

/** The body of a request for a filter's jobs. */
export function bulkBody(action, filter) {
  const body = { action, status: statesOf(action, filter).join(","), limit: BULK_LIMIT };
  if (filter.queue) body.queue = filter.queue;
  if (filter.type) body.jobType = filter.type;
  if (filter.q) body.q = filter.q;
  for (const [name, bound] of Object.entries(boundsOf(filter))) if (bound) body[name] = bound;
  return body;
}

/** Which jobs a request is about: "Failed or Cancelled, in the queue slow". */
export function described(action, { status, queue, type, q, since, until }) {
  const states = statesOf(action, { status });
  const names = statuses.filter((state) => states.includes(state)).map((state) => statusNames[state]);
  const last = names.pop();
  return [
    names.length ? `${names.join(", ")} or ${last}` : last,
    queue && `in the queue ${queue}`, type && `of the type ${type}`, q && `found by “${q}”`,
    since && (ageNames[since] ? `created in ${ageNames[since]}` : `created from ${moment(since)} on`), until && `created before ${moment(until)}`,
  ].filter(Boolean).join(", ");
}

/** What is asked before many jobs are changed: which (`described`, a sentence without its end), and how many were counted. */
export function question(action, described, matched) {
  const { name } = bulkActions[action];
  const jobs = counted(matched, "job", "jobs");
  return {
    question: `${name} ${jobs}?`,
    explanation: `${described}. ${matched >= BULK_LIMIT ? "There may be more: at most so many are changed at a time, the newest first. " : ""}`
      + (action === "delete" ? "Their files, results and logs go, too. This cannot be undone." : action === "cancel"
        ? "Those that run are stopped." : "They begin anew; results and artifacts of before go."),
    action: `${name} ${jobs}`, keep: "Leave them", isDanger: action !== "retry",
  };
}

/** What became of it; `reason` is why one of the refused jobs was refused. */
export function outcome(action, { done, refused, reason }) {
  const text = `${counted(done, "job was", "jobs were")} ${bulkActions[action].past}.`;
  return refused ? `${text} ${counted(refused, "was", "were")} refused: ${reason}` : text;
}
