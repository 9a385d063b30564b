import { jobs, service } from "./api.js";
import { confirmed, notice } from "./notices.js";
import { FIRST, nameOf } from "./words.js";

/** What is done to a job, by the name of it. */
export const doers = {
  cancel: (job) => jobs.cancel(job.jobId),
  retry: (job) => jobs.retry(job.jobId),
  delete: (job) => jobs.delete(job.jobId),
  hurry: ({ jobId, status }) =>
    service.update(jobId, { priority: FIRST, ...(status === "scheduled" ? { runAt: new Date().toISOString() } : {}) }),
};

/** Cancels, retries, deletes, or puts before all others; gives whether it was done. Only what destroys is asked about. */
export async function act(action, job) {
  if (action === "delete" && !(await confirmed({
    question: `Delete ${nameOf(job)}?`,
    explanation: "Its files, results and log go, too. This cannot be undone.",
    action: "Delete",
  }))) return false;
  try {
    await doers[action](job);
    return true;
  } catch (error) {
    notice(error.message);
    return false;
  }
}

/** Pauses or resumes a queue; gives the queue, or null. */
export async function queueAct(action, queue) {
  try {
    return await service[action](queue);
  } catch (error) {
    notice(error.message);
    return null;
  }
}
