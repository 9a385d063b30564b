import { createServer } from "node:http";

/**
 * A service that answers as a test says: `routes` is a list of [method, pattern, handler(request, response, match)], of
 * which the first that fits answers. `requests` keeps what was asked, as "GET /api/jobs/a?wait=25".
 */
export class ScriptedServer {
  requests = [];
  routes = [];
  #server = createServer((request, response) => this.#answer(request, response));
  #waiting = [];

  static async start(t, ...routes) {
    const server = new ScriptedServer();
    server.routes = routes;
    await new Promise((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.#server.closeAllConnections();
      server.#server.close();
    });
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** How many requests there were that fit. */
  count(pattern) {
    return this.requests.filter((request) => pattern.test(request)).length;
  }

  /** Resolves with the first request that fits, also one of before. */
  asked(pattern) {
    const found = this.requests.find((request) => pattern.test(request));
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }));
  }

  /** Cuts every connection. */
  cut() {
    this.#server.closeAllConnections();
  }

  async #answer(request, response) {
    const line = `${request.method} ${request.url}`;
    this.requests.push(line);
    for (const waiting of this.#waiting) if (waiting.pattern.test(line)) waiting.resolve(line);
    const chunks = [];
    if (request.method !== "GET") for await (const chunk of request) chunks.push(chunk);
    request.bytes = Buffer.concat(chunks);
    request.text = request.bytes.toString();
    for (const [method, pattern, handler] of this.routes) {
      const match = request.method === method && pattern.exec(request.url);
      if (match) return handler(request, response, match);
    }
    problem(response, 404, "not-found");
  }
}

export const STREAM = /^\/api\/jobs(\/[^/]+)?\/stream/;
export const JOB = /^\/api\/jobs\/([^/?]+)(\?|$)/;

/** A job as the service would describe it. */
export function job(version, fields = {}) {
  return {
    jobId: "a", jobType: "import", status: "processing", progress: 0, step: null, message: null, attempt: 1, version,
    files: [], metadata: {}, result: null, error: null, artifacts: [], ...fields,
  };
}

export function json(response, value, status = 200) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

export function problem(response, status, code, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
  response.end(JSON.stringify({ type: "about:blank", title: code, status, detail: `It is ${code}.`, code }));
}

export function openStream(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("retry: 1000\n\n");
}

export function event(response, value, name) {
  response.write(`${name ? `event: ${name}\n` : ""}data: ${JSON.stringify(value)}\n\n`);
}

/** Answers requests for a job as the service does: at once, or when it changes. */
export class WaitingJob {
  #waiting = [];

  constructor(state) {
    this.state = state;
  }

  set(state) {
    this.state = state;
    for (const answer of this.#waiting.splice(0)) answer();
  }

  answer = (request, response) => {
    const query = new URL(request.url, "http://a").searchParams;
    const answer = () => json(response, this.state);
    if (query.has("wait") && this.state.version <= Number(query.get("since")) && !isFinal(this.state)) this.#waiting.push(answer);
    else answer();
  };
}

function isFinal({ status }) {
  return ["completed", "failed", "cancelled"].includes(status);
}
