// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { Sender } from "./sender.js";
import { Backoff, isOffline, linkedController, pause } from "./timing.js";

/** How often a request is sent again that did not come through, and may be repeated: about four seconds in all. */
const REPEATS = 4;

/** The service's routes as requests; `base` is what stands before `/api`. */
export class Http {
  constructor(base, sender = new Sender()) {
    this.base = base;
    this.sender = sender;
  }

  /** A job's part of an address. */
  static job(jobId) {
    return `/api/jobs/${encodeURIComponent(jobId)}`;
  }

  url(path) {
    return this.base + path;
  }

  /** One request; its answer, whatever its status. Fails with a `network` error, or the signal's reason. */
  send(method, path, options) {
    return this.#exchange(method, path, options, async (response) => (
      { status: response.status, text: await response.text(), retryAfter: response.headers.get("Retry-After"), header: (name) => response.headers.get(name) }));
  }

  /** The bytes of a successful answer; they may take as long as they come. */
  blob(path, { signal } = {}) {
    return this.#exchange("GET", path, { signal, timeoutMs: null }, async (response) => {
      if (response.ok) return response.blob();
      throw JobdError.of(response.status, await response.text(), response.headers.get("Retry-After"));
    });
  }

  async #exchange(method, path, { body, headers, signal, timeoutMs = 30_000 } = {}, read) {
    const controller = linkedController(signal);
    const timer = timeoutMs === null ? null
      : setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await this.sender.fetch(this.url(path), {
        method, headers, body, cache: "no-store", signal: controller.signal,
      });
      return await read(response);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof JobdError) throw error;
      throw JobdError.network(controller.signal.aborted ? controller.signal.reason : error);
    } finally {
      clearTimeout(timer);
      controller.release();
    }
  }

  /**
   * The JSON of a successful answer. What did not come through is sent again with `repeat`: a POST only where whoever
   * asks says that it does nothing twice.
   */
  async json(method, path, { body, signal, repeat = method !== "POST", timeoutMs, patienceMs, onLost } = {}) {
    const request = body === undefined ? { signal, timeoutMs } : {
      body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal, timeoutMs,
    };
    const action = () => this.#successful(method, path, request);
    const answer = await (repeat ? repeating({ times: REPEATS, patienceMs, signal, onLost }, action) : action());
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

/**
 * Does it again after temporary errors: `times` at most, and without counting while the service cannot be reached, for
 * `patienceMs` and for as long as the browser has no network. `onLost` is told each time that it could not be reached.
 */
export async function repeating({ times, patienceMs = 0, signal, onLost = () => {}, isTemporary = (error) => error.isTemporary }, action) {
  const backoff = new Backoff(250, 4000);
  let lostSince = null;
  for (let left = times; ; ) {
    try {
      return await action();
    } catch (error) {
      if (signal?.aborted || !(error instanceof JobdError && isTemporary(error))) throw error;
      lostSince = error.isUnreachable ? (lostSince ?? Date.now()) : null;
      const isPatient = lostSince !== null && (isOffline() || Date.now() - lostSince < patienceMs);
      if (!isPatient && left-- <= 0) throw error;
      if (lostSince !== null) onLost(error);
      await pause(Math.max(backoff.next(), Math.min(error.retryAfterMs ?? 0, 5000)), signal);
    }
  }
}
