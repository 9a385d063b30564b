import { Http } from "../jobd/client/http.js";
import { Sender } from "../jobd/client/sender.js";
import { JobdClient } from "../jobd/jobd-client.js";
import { takeToken } from "./token.js";

/** The API stands beside this page: /jobs/ and /api/ have the same base. */
const base = new URL("..", document.baseURI).href.replace(/\/$/, "");

const token = takeToken();

/** The client of jobd. */
export const jobs = new JobdClient({ baseUrl: base, creationGraceMs: 1000, token });

/** What shows who looks. */
export const sender = new Sender({ token });

const http = new Http(jobs.baseUrl, sender);

const batch = (batchId) => `/api/batches/${encodeURIComponent(batchId)}`;
const schedule = (name) => `/api/jobd/schedules/${encodeURIComponent(name)}`;

/** What only operators ask. */
export const service = {
  session: (options) => http.json("GET", "/api/jobd/session", options),
  stats: (options) => http.json("GET", "/api/stats", options),
  pause: (queue) => http.json("POST", `/api/queues/${encodeURIComponent(queue)}/pause`, { repeat: true }),
  resume: (queue) => http.json("POST", `/api/queues/${encodeURIComponent(queue)}/resume`, { repeat: true }),
  /** Whether a job could be created and run now; fails with the reason why not. */
  ready: (options) => http.json("GET", "/api/health/ready", options),
  explain: (jobId, options) => http.json("GET", `${Http.job(jobId)}/explain`, options),
  update: (jobId, body) => http.json("PATCH", Http.job(jobId), { body }),
  /** Not sent again by itself: it may have been done. */
  bulk: (body, timeoutMs) => http.json("POST", "/api/jobs/bulk", { body, timeoutMs }),
  batch: (batchId, options) => http.json("GET", batch(batchId), options),
  cancelBatch: (batchId) => http.json("POST", `${batch(batchId)}/cancel`, { body: {}, repeat: true }),
  schedules: (options) => http.json("GET", "/api/jobd/schedules", options),
  runSchedule: (name) => http.json("POST", `${schedule(name)}/run`),
  removeSchedule: (name) => http.json("DELETE", schedule(name)),
  /** Messages to webhooks, newest first: `{ deliveries, nextCursor }`. */
  deliveries: ({ status, limit }, options) => http.json("GET", `/api/jobd/webhooks/deliveries?limit=${limit}${status ? `&status=${status}` : ""}`, options),
  redeliver: (id) => http.json("POST", `/api/jobd/webhooks/deliveries/${encodeURIComponent(id)}/redeliver`, { body: {} }),
  /** The address of the stream of all jobs. */
  changes: http.url("/api/jobs/stream"),
};
