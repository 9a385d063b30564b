// SPDX-License-Identifier: Apache-2.0
/** Milliseconds between two questions, for all jobs of a page: a place in a queue is worth no more. */
const PAUSE = 1500;
/** A job that starts sooner is not asked about. */
const PATIENCE = 1500;

/** Who waits, in the order in which they are asked about. */
const waiting = new Map();
let timer = null;

/**
 * Asks for the place of a job that waits in its queue, again and again until `forget`, and tells `onPlace(count)` how many
 * are before it. `ask(jobId)` gives what the service explains.
 */
export function watchPlace(key, { jobId, ask, onPlace }) {
  if (waiting.has(key)) return;
  waiting.set(key, { jobId, ask, onPlace, since: Date.now() });
  timer ??= setInterval(look, PAUSE);
}

export function forgetPlace(key) {
  waiting.delete(key);
  if (waiting.size) return;
  clearInterval(timer);
  timer = null;
}

async function look() {
  if (globalThis.document?.hidden) return;
  const [key, one] = [...waiting].find(([, { since }]) => Date.now() - since >= PATIENCE) ?? [];
  if (!one) return;
  // To the end of the line.
  waiting.delete(key);
  waiting.set(key, one);
  const explained = await one.ask(one.jobId).catch(() => null);
  if (waiting.get(key) === one && Number.isInteger(explained?.position)) one.onPlace(explained.position);
}
