// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { Backoff, linkedController, sleep } from "./timing.js";

/** How often a request is sent again that did not come through, and may be repeated: about four seconds in all. */
const REPEATS = 4;

/** The service's routes as requests; `base` is what stands before `/api`. */
export class Http {
  constructor(base) {
    this.base = base;
  }

  /** A job's part of an address. */
  static job(jobId) {
    return `/api/jobs/${encodeURIComponent(jobId)}`;
  }

  url(path) {
    return this.base + path;
  }

  /** One request; its answer, whatever its status. Fails with a `network` error, or the signal's reason. */
  async send(method, path, { body, headers, signal, timeoutMs = 30_000 } = {}) {
    const controller = linkedController(signal);
    const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await fetch(this.url(path), {
        method, headers, body, cache: "no-store", signal: controller.signal,
      });
      const text = await response.text();
      return { status: response.status, text, retryAfter: response.headers.get("Retry-After") };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw JobdError.network(controller.signal.aborted ? controller.signal.reason : error);
    } finally {
      clearTimeout(timer);
      controller.release();
    }
  }

  /**
   * The JSON of a successful answer. What did not come through is sent again when that is safe (`repeat`); the
   * service is asked for nothing that repeating would do twice.
   */
  async json(method, path, { body, signal, repeat = true } = {}) {
    const request = body === undefined ? { signal } : {
      body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal,
    };
    const answer = await repeating(repeat ? REPEATS : 0, signal, () => this.#successful(method, path, request));
    return answer.text ? parsed(answer) : null;
  }

  async #successful(method, path, request) {
    const answer = await this.send(method, path, request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw JobdError.of(answer.status, answer.text, answer.retryAfter);
  }
}

/** The JSON of an answer. */
export function parsed({ status, text }) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw JobdError.unreadable(status, error);
  }
}

/** Does it again after temporary errors, `times` at most. */
export async function repeating(times, signal, action) {
  const backoff = new Backoff(250, 4000);
  for (let left = times; ; left--) {
    try {
      return await action();
    } catch (error) {
      if (left <= 0 || signal?.aborted || !(error instanceof JobdError && error.isTemporary)) throw error;
      await sleep(Math.max(backoff.next(), Math.min(error.retryAfterMs ?? 0, 5000)), signal);
    }
  }
}
