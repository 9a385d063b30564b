// SPDX-License-Identifier: Apache-2.0
/** Growing waits with jitter: each half to whole of a span that doubles from `first` to `most` milliseconds. */
export class Backoff {
  constructor(first, most) {
    this.first = first;
    this.most = most;
    this.reset();
  }

  reset() {
    this.span = this.first;
  }

  next() {
    const wait = this.span * (0.5 + Math.random() / 2);
    this.span = Math.min(this.most, this.span * 2);
    return wait;
  }
}

/** Waits; ends at once, and fails with the signal's reason, when that is aborted. */
export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** Whether the browser knows that it has no network. */
export function isOffline() {
  return globalThis.navigator?.onLine === false;
}

/** A browser that says so may be wrong: a service on the same machine is there without any network. */
const OFFLINE = 10_000;

/** Waits before something is tried again; where there is no network, until it is back, but not for ever. */
export async function pause(milliseconds, signal) {
  if (!isOffline()) return sleep(milliseconds, signal);
  const controller = linkedController(signal);
  globalThis.addEventListener("online", () => controller.abort(), { once: true, signal: controller.signal });
  await sleep(OFFLINE, controller.signal).catch(() => {});
  controller.abort();
  controller.release();
  signal?.throwIfAborted();
}

/** A controller that is aborted with any of the signals too; `release` lets them forget it. */
export function linkedController(...signals) {
  const controller = new AbortController();
  const given = signals.filter(Boolean);
  const abort = (event) => controller.abort(event.target.reason);
  for (const signal of given) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener("abort", abort, { once: true });
  }
  controller.release = () => given.forEach((signal) => signal.removeEventListener("abort", abort));
  return controller;
}

/** Aborts when the page is left: one that a browser keeps for the way back would go on holding one of six connections. */
export function endWithPage(controller) {
  globalThis.addEventListener?.("pagehide", () => controller.abort(), { once: true, signal: controller.signal });
}
