import { Http } from "../jobd/client/http.js";
import { JobdClient } from "../jobd/jobd-client.js";

/** The API stands beside this page: /jobs/ and /api/ have the same base. */
const base = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** The client of jobd. */
export const jobs = new JobdClient({ baseUrl: base, creationGraceMs: 1000 });

const http = new Http(jobs.baseUrl);

/** What only operators ask. */
export const service = {
  stats: (options) => http.json("GET", "/api/stats", options),
  pause: (queue) => http.json("POST", `/api/queues/${encodeURIComponent(queue)}/pause`),
  resume: (queue) => http.json("POST", `/api/queues/${encodeURIComponent(queue)}/resume`),
  /** The address of the stream of all jobs. */
  changes: http.url("/api/jobs/stream"),
};
