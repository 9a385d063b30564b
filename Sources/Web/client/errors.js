// SPDX-License-Identifier: Apache-2.0
/**
 * What went wrong, for programs (`code`, `status`) and for people (`message`).
 *
 * `code` is the service's own (`job-not-found`, `payload-too-large`, …), or `network` when it could not be reached, or
 * `timeout` when `timeoutMs` ran out, or `file-unreadable` when the browser cannot read the file. `status` is the HTTP status, 0 without an answer. `problem` is the service's whole
 * answer (RFC 9457), null without one.
 */
export class JobdError extends Error {
  constructor(code, message, { status = 0, problem = null, retryAfterMs = null, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "JobdError";
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.pointer = problem?.pointer ?? null;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later without anybody doing anything. */
  get isTemporary() {
    return ["network", "offset-conflict"].includes(this.code) || [408, 423, 425, 429, 460, 500, 502, 503, 504].includes(this.status);
  }

  /** Whether the service was not there to do anything, or something between says so. */
  get isUnreachable() {
    return this.code === "network" || [502, 503, 504].includes(this.status);
  }

  /** Of an answer; `body` is its text. */
  static of(status, body, retryAfter) {
    let problem = null;
    try {
      problem = JSON.parse(body);
    } catch {
      // Not from jobd: a proxy's page.
    }
    if (problem === null || typeof problem !== "object" || Array.isArray(problem)) problem = null;
    const code = typeof problem?.code === "string" ? problem.code : codeOfStatus(status);
    const seconds = Number(retryAfter);
    return new JobdError(code, sentence(code, status, problem?.detail), {
      status, problem, retryAfterMs: retryAfter && seconds >= 0 ? seconds * 1000 : null,
    });
  }

  /** Of an answer that should be JSON and is not. */
  static unreadable(status, cause) {
    return new JobdError("internal", "The service's answer cannot be read; something between may have given another one.", { status, cause });
  }

  static unreadableFile(cause) {
    return new JobdError("file-unreadable", "The file cannot be read. It may have been changed or moved; choose it again.", { cause });
  }

  static network(cause) {
    return new JobdError("network", "The service cannot be reached. Check the connection, then try again.", { cause });
  }

  static timeout(milliseconds) {
    return new JobdError("timeout", `The job did not end within ${milliseconds / 1000} seconds. It goes on; look again later.`);
  }
}

const codes = {
  400: "invalid-request", 401: "unauthorized", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
  408: "request-timeout", 409: "job-conflict", 410: "job-gone",
  413: "payload-too-large", 423: "upload-locked", 460: "checksum-mismatch", 415: "unsupported-media-type", 429: "too-many-requests", 500: "internal", 502: "unavailable",
  503: "unavailable", 504: "unavailable", 507: "storage-full",
};

function codeOfStatus(status) {
  return codes[status] ?? (status >= 500 ? "internal" : "invalid-request");
}

const sentences = {
  "payload-too-large": "The file is larger than this service takes. Choose a smaller one, or split it.",
  "unsupported-media-type": "This service does not take files of this kind. Save it in another format, such as PDF, and try again.",
  "storage-full": "The service has no room left for the file. Try again later, or tell the people who run it.",
  "request-timeout": "The file came too slowly. Check the connection, then try again.",
  "too-many-requests": "The service is busy with too much at once. Try again in a moment.",
  "unavailable": "The service does not answer just now. Try again in a moment.",
  "checksum-mismatch": "The file changed on its way. Send it again.",
  "upload-locked": "The file is being sent already, perhaps in another tab. Try again in a moment.",
  "digest-mismatch": "The file changed on its way. Send it again.",
  "job-not-found": "There is no such job. Check its id.",
  "job-gone": "The job was deleted.",
  "unauthorized": "You are not logged in any more. Log in, then try again.",
  "forbidden": "You may not do this. Ask the people who run the service.",
  "internal": "The service made a mistake. Try again; if it stays so, tell the people who run it.",
};

/** A sentence that says what to do; the service's own where it knows better what was wrong. */
function sentence(code, status, detail) {
  return sentences[code] ?? (typeof detail === "string" && detail ? detail : `The service answered with the status ${status}.`);
}
