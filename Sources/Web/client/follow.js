// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { sleep } from "./timing.js";
import { Bar, isFinal } from "./update.js";

/**
 * Follows a job to its end: `onUpdate` is told every state, and the promise gives the final job.
 *
 * `since` is a version that is known already; `bar` goes on where an upload left it. `onConnection(isLost)` is told
 * when no news can come, because the service cannot be reached, and when they can again.
 */
export async function follow(feed, jobId, options) {
  const { onUpdate = () => {}, timeoutMs, signal, initialDelayMs, creationGraceMs, since = 0, bar = new Bar(0), onConnection } = options;
  signal?.throwIfAborted();
  if (initialDelayMs > 0) await sleep(initialDelayMs, signal);
  let version = since;
  let stop, timer, abort;
  try {
    return await new Promise((resolve, reject) => {
      abort = () => reject(signal.reason);
      signal?.addEventListener("abort", abort);
      if (timeoutMs > 0 && timeoutMs < Infinity) timer = setTimeout(() => reject(JobdError.timeout(timeoutMs)), timeoutMs);
      stop = feed.watch(jobId, {
        graceMs: creationGraceMs,
        onJob(job) {
          if (job.version <= version) return;
          version = job.version;
          try {
            onUpdate(bar.of(job));
          } catch (error) {
            reject(error);
          }
          if (isFinal(job)) resolve(job);
        },
        onRefused: reject,
        onConnection,
      });
    });
  } finally {
    stop?.();
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
