// SPDX-License-Identifier: Apache-2.0
/**
 * The client of jobd for browsers and Node: uploads files, creates jobs, and follows them to their end whatever happens
 * on the way. Its declarations are in jobd-client.d.ts.
 *
 *     import { JobdClient } from "/jobd/jobd-client.js";
 *     const job = await new JobdClient().submit(file, { onUpdate: ({ progress }) => (bar.value = progress) });
 */
import { JobdError } from "./client/errors.js";
import { follow } from "./client/follow.js";
import { Http } from "./client/http.js";
import { Sender } from "./client/sender.js";
import { feedFor, feedOf } from "./client/shared-feed.js";
import { submit } from "./client/submit.js";
import { upload } from "./client/upload.js";

export { JobdError };

export class JobdClient {
  #http;
  #defaults;
  #shared;
  #feed = null;

  constructor({ baseUrl = "", creationGraceMs = 5000, initialDelayMs = 0, shared = true, ...shown } = {}) {
    this.#http = new Http(absolute(baseUrl), new Sender(shown));
    this.#defaults = { creationGraceMs, initialDelayMs };
    this.#shared = shared;
  }

  /** What stands before `/api`, without a slash at its end. */
  get baseUrl() {
    return this.#http.base;
  }

  upload(file, options) {
    return upload(this.#http, file, options);
  }

  /** The id is made here, so that a create that is sent again finds its own job. */
  async create(fields = {}, { signal } = {}) {
    const body = { jobId: await newJobId(), ...defined(fields) };
    return this.#http.json("POST", "/api/jobs", { body, signal, repeat: body.onConflict !== "reject" });
  }

  async process(fields, { signal } = {}) {
    const body = { jobId: await newJobId(), ...defined(fields) };
    return this.#http.json("POST", "/api/file-manager/process", { body, signal, repeat: true });
  }

  /**
   * One file, or several of one job. While the service cannot be reached it tries again, for `patienceMs`. After an error,
   * `error.fileId` (of several: `error.fileIds`) and `error.jobId` say how far it came: a submit that is given them goes on
   * there, and does nothing twice.
   */
  async submit(files, options = {}) {
    const jobId = options.jobId ?? (await newJobId());
    return submit(this, files, { jobId, options: { ...options, jobId: undefined }, start: (ids, fields, again) => this.#start(ids, defined(fields), again) });
  }

  /** One request makes the job with its file, so that none is left that waits for it; fields that only a create takes come before. */
  async #start(ids, { jobType, message, metadata, ...others }, again) {
    const body = defined({ ...ids, jobType, message, metadata });
    if (Object.keys(others).length) await this.#http.json("POST", "/api/jobs", { body: { ...body, ...others }, repeat: true, ...again });
    return this.#http.json("POST", "/api/file-manager/process", { body, repeat: true, ...again });
  }

  follow(jobId, options = {}) {
    const { sender } = this.#http;
    const feed = sender.isPlain ? feedFor(this.baseUrl, { shared: this.#shared }) : (this.#feed ??= feedOf(this.baseUrl, sender));
    return follow(feed, jobId, { ...this.#defaults, ...defined(options) });
  }

  get(jobId, { signal } = {}) {
    return this.#http.json("GET", Http.job(jobId), { signal });
  }

  /** Why it does not run: `{ status, because, text, position, estimateSeconds, by }`; `position` jobs are before it. */
  explain(jobId, { signal } = {}) {
    return this.#http.json("GET", `${Http.job(jobId)}/explain`, { signal, repeat: false });
  }

  list(query = {}, { signal } = {}) {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(defined(query))) {
      if (value !== null && value !== "" && `${value}`) parameters.set(name, value);
    }
    const text = parameters.toString();
    return this.#http.json("GET", text ? `/api/jobs?${text}` : "/api/jobs", { signal });
  }

  cancel(jobId, { reason, signal } = {}) {
    return this.#http.json("POST", `${Http.job(jobId)}/cancel`, { body: defined({ reason }), signal, repeat: true });
  }

  /** Not sent again by itself: it may have been done. */
  retry(jobId, { signal } = {}) {
    return this.#http.json("POST", `${Http.job(jobId)}/retry`, { signal });
  }

  delete(jobId, { signal } = {}) {
    return this.#http.json("DELETE", Http.job(jobId), { signal });
  }

  logs(jobId, { after = 0, limit, run, signal } = {}) {
    const query = new URLSearchParams(defined({ after, limit, run }));
    return this.#http.json("GET", `${Http.job(jobId)}/logs?${query}`, { signal });
  }

  /** The bytes of an artifact, as in `job.artifacts`: a `Blob`. */
  artifact(artifact, { signal } = {}) {
    return this.#http.blob(artifact.href, { signal });
  }

  /** Whether requests show nothing of who sends them, so that a link of a page does as well. */
  get isPlain() {
    return this.#http.sender.isPlain;
  }

  /** The address of an artifact, as in `job.artifacts`. */
  artifactUrl(artifact) {
    return this.#http.url(artifact.href);
  }
}

function absolute(baseUrl) {
  const page = globalThis.document?.baseURI ?? globalThis.location?.href;
  let url;
  try {
    url = baseUrl ? new URL(baseUrl, page) : new URL(new URL(page).origin);
  } catch (cause) {
    throw new TypeError("Outside of a page, JobdClient needs a baseUrl such as https://jobs.example.com.", { cause });
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** An id like the service's own, which nobody can guess: who knows it may see the job. */
async function newJobId() {
  // Node 18 has it in a module only.
  const random = globalThis.crypto ?? (await import("node:crypto")).webcrypto;
  const digits = Array.from(random.getRandomValues(new Uint8Array(20)), (byte) => (byte % 36).toString(36)).join("");
  return `job_${Date.now()}_${digits}`;
}

/** Without what is undefined: a key that is there by accident takes no default away. */
function defined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
