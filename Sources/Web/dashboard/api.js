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

/** What only operators ask. */
export const service = {
  session: (options) => http.json("GET", "/api/jobd/session", options),
  stats: (options) => http.json("GET", "/api/stats", options),
  pause: (queue) => http.json("POST", `/api/queues/${encodeURIComponent(queue)}/pause`),
  resume: (queue) => http.json("POST", `/api/queues/${encodeURIComponent(queue)}/resume`),
  /** The address of the stream of all jobs. */
  changes: http.url("/api/jobs/stream"),
};
