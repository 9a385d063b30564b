/*
 * A client of jobd, in one file and without dependencies, for Node.js 20 and later.
 *
 *     import { Jobd, Failure } from "./jobd.mjs";
 *
 *     const jobd = new Jobd();                                         // the control socket, /run/jobd/jobd.sock
 *     const jobd = new Jobd("https://example.org", { token: "…" });    // HTTP
 *
 *     const file = await jobd.upload("contract.pdf", bytes);
 *     const job = await jobd.create({ fileIds: [file.fileId] });
 *     for await (const state of jobd.follow(job.jobId)) console.log(state.status, state.progress, state.message);
 *
 * A worker runs the jobs of pipelines with `work = "workers"`, until its signal is aborted:
 *
 *     await jobd.work(["video"], async (run) => {
 *         await run.report({ progress: 10, message: "Encoding" });
 *         const bytes = await run.fetch(run.job.files[0]);
 *         await run.artifact("clip.webm", encode(bytes), "video/webm");
 *         return { seconds: 12 };                                      // the job's result
 *     }, { places: 4, signal });
 *
 * What the function throws fails the job: a Failure with a code and a sentence of your own, anything else with the code
 * `exception`. This file is a program, too: `node jobd.mjs video` runs jobs that only wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

import { createHash, randomUUID } from "node:crypto";
import { createConnection } from "node:net";
import { hostname } from "node:os";
import { pathToFileURL } from "node:url";

const CHUNK = 512 * 1024;
const FINAL = new Set(["completed", "failed", "cancelled"]);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** jobd refuses a request: `code` for programs, the message for people, `data` what belongs to the code. */
export class Refused extends Error {
    constructor(code, message, data = {}) {
        super(message);
        Object.assign(this, { code, data });
    }
}

/** jobd cannot be reached, or the connection broke: whether it did what was asked is not known. */
export class Unreachable extends Error {}

/** Thrown by a worker's function to fail its job; `more` may have mayRetry, retryAfterSeconds, cause, exitCode. */
export class Failure extends Error {
    constructor(code, message, { mayRetry = true, retryAfterSeconds, ...more } = {}) {
        super(message);
        Object.assign(this, { error: { code, message, ...more }, mayRetry, retryAfterSeconds });
    }
}

/** JSON-RPC over the control socket; calls do not wait for each other. */
class SocketTransport {
    connections = 0;
    #connecting;
    #socket;
    #waiting = new Map();
    #last = 0;

    constructor(path) {
        this.path = path;
    }

    get isConnected() {
        return this.#socket !== undefined;
    }

    async call(method, params, timeout = 60_000) {
        const socket = await this.#connect();
        const id = ++this.#last;
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => socket.destroy(), timeout);
            this.#waiting.set(id, { socket, settle: (reply) => {
                clearTimeout(timer);
                if (!reply) return reject(new Unreachable("the connection to jobd broke"));
                if (!reply.error) return resolve(reply.result);
                const data = reply.error.data ?? {};
                reject(new Refused(data.code ?? "internal", reply.error.message, data));
            } });
            socket.write(JSON.stringify({ jsonrpc: "2.0", id, method, params }) + "\n");
        });
    }

    #connect() {
        if (this.#socket) return Promise.resolve(this.#socket);
        this.#connecting ??= new Promise((resolve, reject) => {
            const socket = createConnection(this.path);
            let rest = "";
            socket.setEncoding("utf8");
            socket.once("connect", () => {
                this.#socket = socket;
                this.#connecting = undefined;
                this.connections++;
                resolve(socket);
            });
            socket.on("data", (text) => {
                const lines = (rest + text).split("\n");
                rest = lines.pop();
                for (const line of lines) {
                    const reply = JSON.parse(line);
                    const call = this.#waiting.get(reply.id);
                    this.#waiting.delete(reply.id);
                    call?.settle(reply);
                }
            });
            socket.on("error", (error) => {
                if (this.#socket !== socket) this.#connecting = undefined;
                reject(new Unreachable(`${this.path}: ${error.message}`));
            });
            socket.on("close", () => {
                if (this.#socket === socket) this.#socket = undefined;
                for (const [id, call] of this.#waiting) {
                    if (call.socket !== socket) continue;
                    this.#waiting.delete(id);
                    call.settle();
                }
            });
        });
        return this.#connecting;
    }

    close() {
        this.#socket?.destroy();
    }

    async upload(name, bytes, mediaType, lease) {
        const kind = lease ? "artifacts" : "files";
        const begin = lease ? { ...lease, name, ...(mediaType ? { mediaType } : {}) } : { name };
        const { fileId } = await this.call(`${kind}.begin`, begin);
        for (let offset = 0; offset < bytes.length; offset += CHUNK) {
            const data = Buffer.from(bytes.subarray(offset, offset + CHUNK)).toString("base64");
            await this.call(`${kind}.append`, { fileId, data });
        }
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        return this.call(`${kind}.commit`, { fileId, sha256 }, 600_000);
    }

    async fetch(lease, file) {
        await this.call("work.input", { ...lease, fileId: file.fileId });
        const parts = [];
        for (let offset = 0; offset < file.size;) {
            const { data } = await this.call("files.read", { fileId: file.fileId, offset, limit: CHUNK });
            const part = Buffer.from(data, "base64");
            if (part.length === 0) throw new Unreachable("the file ended early");
            parts.push(part);
            offset += part.length;
        }
        return Buffer.concat(parts);
    }
}

/** The HTTP API. */
class HTTPTransport {
    connections = 0;
    isConnected = true;
    static #routes = {
        "jobs.create": ["POST", "/api/jobs"], "jobs.process": ["POST", "/api/file-manager/process"],
        "jobs.update": ["PATCH", "/api/jobs/{jobId}"], "jobs.cancel": ["POST", "/api/jobs/{jobId}/cancel"],
        "jobs.retry": ["POST", "/api/jobs/{jobId}/retry"], "jobs.delete": ["DELETE", "/api/jobs/{jobId}"],
        "jobs.get": ["GET", "/api/jobs/{jobId}"], "jobs.list": ["GET", "/api/jobs"],
        "jobs.logs": ["GET", "/api/jobs/{jobId}/logs"],
    };

    constructor(url, { token, headers = {} } = {}) {
        this.url = url.replace(/\/+$/, "");
        this.headers = { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    }

    async call(method, params, timeout = 60_000) {
        const [verb, pattern] = method.startsWith("work.")
            ? ["POST", `/api/jobd/work/${method.slice(5)}`] : HTTPTransport.#routes[method];
        const rest = { ...params };
        let path = pattern.replace(/\{(\w+)\}/g, (_, name) => {
            const value = encodeURIComponent(rest[name]);
            delete rest[name];
            return value;
        });
        let body;
        if (verb === "GET") {
            if ("waitSeconds" in rest) {
                rest.wait = rest.waitSeconds;
                delete rest.waitSeconds;
            }
            const query = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== undefined));
            if (query.size) path += `?${query}`;
        } else {
            body = JSON.stringify(rest);
        }
        const response = await this.send(verb, path, body, body ? { "Content-Type": "application/json" } : {}, timeout);
        const text = await response.text();
        const answer = text ? JSON.parse(text) : {};
        return ["jobs.create", "jobs.process", "jobs.cancel"].includes(method) ? { job: answer } : answer;
    }

    async send(method, path, body, headers = {}, timeout = 60_000) {
        let response;
        try {
            response = await fetch(this.url + path, {
                method, body, headers: { ...this.headers, ...headers }, signal: AbortSignal.timeout(timeout),
            });
        } catch (error) {
            throw new Unreachable(error.cause?.message ?? error.message);
        }
        if (response.ok) return response;
        const problem = await response.json().catch(() => ({}));
        throw new Refused(problem.code ?? "internal", problem.detail ?? response.statusText, problem);
    }

    close() {}

    async upload(name, bytes, mediaType, lease) {
        const headers = mediaType ? { "Content-Type": mediaType } : {};
        const encoded = encodeURIComponent(name);
        const response = lease
            ? await this.send("PUT", `/api/jobd/work/${encodeURIComponent(lease.jobId)}/artifacts/${encoded}`, bytes,
                { ...headers, "Lease-Token": lease.token }, 600_000)
            : await this.send("POST", `/api/files?name=${encoded}`, bytes, headers, 600_000);
        return response.json();
    }

    async fetch(lease, file) {
        const path = `/api/jobd/work/${encodeURIComponent(lease.jobId)}/files/${file.fileId}`;
        const response = await this.send("GET", path, undefined, { "Lease-Token": lease.token }, 600_000);
        return Buffer.from(await response.arrayBuffer());
    }
}

/** jobd, by its control socket or by the address of its site. */
export class Jobd {
    /** `patience`: for how many milliseconds a request that may be repeated is tried while jobd is away. */
    constructor(at = process.env.JOBD_SOCKET ?? "/run/jobd/jobd.sock", { token, headers, patience = 60_000 } = {}) {
        this.isHTTP = /^https?:/.test(at);
        this.transport = this.isHTTP ? new HTTPTransport(at, { token, headers }) : new SocketTransport(at);
        this.patience = patience;
    }

    /** One request; with `repeats` it is sent again while jobd is away, which must be safe. */
    async call(method, params = {}, { repeats = false, timeout } = {}) {
        const end = Date.now() + this.patience;
        for (let pause = 50;; pause = Math.min(pause * 2, 1000)) {
            try {
                return await this.transport.call(method, params, timeout);
            } catch (error) {
                const isAway = error instanceof Unreachable || ["unavailable", "too-many-requests"].includes(error.code);
                if (!repeats || !isAway || Date.now() > end) throw error;
            }
            await sleep(pause);
        }
    }

    close() {
        this.transport.close();
    }

    /** Makes a job; its id is made here, so that the request may be repeated. */
    async create(fields = {}) {
        const named = { jobId: fields.jobId ?? `job_${Date.now()}_${randomUUID().replaceAll("-", "")}`, ...fields };
        return (await this.call("jobs.create", named, { repeats: named.onConflict !== "reject" })).job;
    }

    async process(jobId, fileIds, fields = {}) {
        return (await this.call("jobs.process", { ...fields, jobId, fileIds }, { repeats: true })).job;
    }

    get(jobId, more = {}) {
        return this.call("jobs.get", { jobId, ...more }, { repeats: true });
    }

    /** Reports on a job that the application runs itself. */
    update(jobId, fields) {
        return this.call("jobs.update", { jobId, ...fields });
    }

    async cancel(jobId, reason) {
        return (await this.call("jobs.cancel", { jobId, ...(reason ? { reason } : {}) }, { repeats: true })).job;
    }

    retry(jobId) {
        return this.call("jobs.retry", { jobId });
    }

    delete(jobId) {
        return this.call("jobs.delete", { jobId });
    }

    /** Jobs, newest first, page after page. */
    async *list(query = {}) {
        for (let cursor; cursor !== null;) {
            const page = await this.call("jobs.list", cursor ? { ...query, cursor } : query, { repeats: true });
            yield* page.jobs;
            cursor = page.nextCursor;
        }
    }

    /** Stores a file, given as bytes, and describes it. */
    upload(name, bytes) {
        return this.transport.upload(name, bytes);
    }

    /** The states of a job, until it has ended; goes on when jobd was away, and leaves none out that is final. */
    async *follow(jobId) {
        for (let since = 0;;) {
            let job;
            try {
                job = await this.get(jobId, { since, waitSeconds: 25 });
            } catch (error) {
                if (error instanceof Unreachable) continue;
                throw error;
            }
            if (job.version > since) {
                since = job.version;
                yield job;
            }
            if (FINAL.has(job.status)) return;
        }
    }

    /** The job as it ended. */
    async wait(jobId) {
        let last;
        for await (const job of this.follow(jobId)) last = job;
        return last;
    }

    /**
     * Runs jobs until `signal` is aborted. Over the socket a lease lasts as long as the connection, unless `leaseSeconds`
     * is given; over HTTP 60 seconds.
     */
    async work(queues, run, { jobTypes, places = 1, leaseSeconds = this.isHTTP ? 60 : undefined, worker, signal } = {}) {
        const offer = { queues, worker: worker ?? `${hostname()} ${process.pid}`, ...(jobTypes ? { jobTypes } : {}),
            ...(leaseSeconds ? { leaseSeconds } : {}) };
        const runs = new Map();
        const keeper = new LeaseKeeper(this, runs, leaseSeconds);
        try {
            while (!signal?.aborted) {
                if (runs.size >= places) {
                    await Promise.race([...[...runs.values()].map((entry) => entry.ended), sleep(500)]);
                    continue;
                }
                let claimed;
                try {
                    const count = Math.min(places - runs.size, 100);
                    claimed = await this.transport.call("work.claim", { ...offer, count, waitSeconds: 2 });
                } catch (error) {
                    const isAway = error instanceof Unreachable
                        || ["unavailable", "storage-full", "too-many-requests"].includes(error.code);
                    if (!isAway) throw error;
                    await sleep(200);
                    continue;
                }
                for (const { job, lease } of claimed.jobs) {
                    const entry = new Run(this, job, lease.token);
                    runs.set(lease.token, entry);
                    entry.ended = entry.perform(run, signal).finally(() => runs.delete(lease.token));
                }
            }
            for (const entry of runs.values()) entry.controller.abort();
            await Promise.allSettled([...runs.values()].map((entry) => entry.ended));
        } finally {
            keeper.stop();
        }
    }
}

/** Renews leases: those with a time in good time, the others on each new connection. */
class LeaseKeeper {
    constructor(jobd, runs, leaseSeconds) {
        let connection = jobd.transport.connections;
        let rounds = 0;
        this.timer = setInterval(async () => {
            const isNew = jobd.transport.connections !== connection || !jobd.transport.isConnected;
            // Those of a connection are asked now and then whether the job is to be cancelled.
            if (runs.size === 0 || (!leaseSeconds && !isNew && ++rounds % 10)) {
                if (runs.size === 0) connection = jobd.transport.connections;
                return;
            }
            const entries = [...runs.values()];
            try {
                const { leases } = await jobd.transport.call("work.renew", { leases: entries.map((entry) => entry.lease) });
                connection = jobd.transport.connections;
                leases.forEach((lease, index) => entries[index].note(lease));
            } catch {
                // The next round tries again.
            }
        }, leaseSeconds ? Math.min(leaseSeconds / 3, 5) * 1000 : 200);
    }

    stop() {
        clearInterval(this.timer);
    }
}

/** A run of a job, which a worker's function gets. */
export class Run {
    constructor(jobd, job, token) {
        this.jobd = jobd;
        this.job = job;
        this.lease = { jobId: job.jobId, token };
        this.controller = new AbortController();
        /** Aborted when the job is to be cancelled, or the worker is to stop: end soon, whatever you return. */
        this.signal = this.controller.signal;
        /** Whether somebody else has the job now: nothing that is said of it counts any more. */
        this.isLost = false;
    }

    /** Tells how it goes: progress, step, message, and lines (texts) for the job's log. */
    async report({ lines, ...fields } = {}) {
        const texts = lines?.slice(0, 100).map((text) => ({ stream: "stdout", text: text.slice(0, 2048) }));
        try {
            const params = { ...this.lease, ...fields, ...(texts ? { lines: texts } : {}) };
            this.note(await this.jobd.call("work.report", params, { repeats: !texts }));
        } catch (error) {
            if (error.code !== "lease-lost") throw error;
            this.note(error);
        }
    }

    note(state) {
        if (state.code === "lease-lost") this.isLost = true;
        if (state.code || state.cancelRequested) this.controller.abort();
    }

    /** The bytes of a file of the job. */
    fetch(file) {
        return this.jobd.transport.fetch(this.lease, file);
    }

    /** Stores what the run made. */
    artifact(name, bytes, mediaType) {
        return this.jobd.transport.upload(name, Buffer.from(bytes), mediaType, this.lease);
    }

    async perform(run, stop) {
        let [method, params] = ["work.complete", { ...this.lease }];
        try {
            const result = await run(this);
            if (result !== undefined && result !== null) params.result = result;
            else if (stop?.aborted && this.signal.aborted) method = "work.release";
        } catch (error) {
            method = stop?.aborted && !(error instanceof Failure) ? "work.release" : "work.fail";
            if (error instanceof Failure) {
                Object.assign(params, { error: error.error, mayRetry: error.mayRetry });
                if (error.retryAfterSeconds !== undefined) params.retryAfterSeconds = error.retryAfterSeconds;
            } else if (method === "work.fail") {
                const message = String(error?.message ?? error).slice(0, 500);
                params.error = { code: "exception", message, cause: String(error?.stack ?? error).slice(-4000) };
            }
        }
        if (this.isLost) return;
        try {
            // May be said again: the answer is the same.
            await this.jobd.call(method, params, { repeats: true });
        } catch (error) {
            console.error(`jobd: ${this.job.jobId}: ${error.message}`);
        }
    }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
    const queues = process.argv.slice(2);
    if (queues.length === 0) {
        console.error("usage: node jobd.mjs QUEUE…   runs jobs that wait metadata.seconds; JOBD_SOCKET names the socket");
        process.exit(2);
    }
    const stop = new AbortController();
    for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => stop.abort());
    const jobd = new Jobd();
    await jobd.work(queues, async (run) => {
        const seconds = Number(run.job.metadata.seconds ?? 1);
        for (let passed = 0; passed < seconds && !run.signal.aborted; passed++) {
            await run.report({ progress: 100 * passed / seconds, message: "Waiting" });
            await sleep(Math.min(1, seconds - passed) * 1000);
        }
        return run.signal.aborted ? undefined : { waited: seconds };
    }, { signal: stop.signal });
    jobd.close();
}
