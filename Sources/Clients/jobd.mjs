/*
 * A client of jobd, in one file and without dependencies, for Node.js 20 and later.
 *
 *     import { Jobd, Failure } from "./jobd.mjs";
 *
 *     const jobd = new Jobd();                                         // the control socket, /run/jobd/jobd.sock
 *     const jobd = new Jobd("https://example.org", { token: "…" });    // HTTP
 *     const jobd = new Jobd("wss://example.org", { token: "…" });      // the WebSocket of the same site
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

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { createConnection } from "node:net";
import { hostname } from "node:os";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

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

/** Whether the same may go well a little later. */
const isAway = (error) => error instanceof Unreachable || ["unavailable", "too-many-requests"].includes(error.code);

/** Thrown by a worker's function to fail its job; `more` may have mayRetry, retryAfterSeconds, cause, exitCode. */
export class Failure extends Error {
    constructor(code, message, { mayRetry = true, retryAfterSeconds, ...more } = {}) {
        super(message);
        Object.assign(this, { error: { code, message, ...more }, mayRetry, retryAfterSeconds });
    }
}

/** The connection to the control socket: a message is a line. */
const lines = (path) => (take, lost) => new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let rest = "";
    socket.setEncoding("utf8");
    socket.once("connect", () => resolve({
        send: (text) => socket.write(text + "\n"),
        close: () => socket.destroy(),
    }));
    socket.on("data", (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop();
        lines.forEach(take);
    });
    socket.on("error", (error) => reject(new Unreachable(`${path}: ${error.message}`)));
    socket.on("close", lost);
});

/**
 * The connection to a WebSocket (RFC 6455): a message is a text frame. Node.js has a client of its own only from version 22
 * on, and that one has no headers.
 */
const frames = (url, headers) => (take, lost) => new Promise((resolve, reject) => {
    const key = randomBytes(16).toString("base64");
    const accept = createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    const handshake = (url.startsWith("https:") ? httpsRequest : httpRequest)(`${url}/api/jobd/socket`, {
        headers: {
            ...headers, Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "jobd.1",
        },
        signal: AbortSignal.timeout(60_000),
    });
    handshake.on("error", (error) => reject(new Unreachable(`${url}: ${error.message}`)));
    handshake.on("response", async (response) => reject(await refusal(response.statusCode, () => textOf(response))));
    handshake.on("upgrade", (response, socket, head) => {
        socket.on("error", () => {});
        if (response.headers["sec-websocket-accept"] !== accept) {
            socket.destroy();
            return reject(new Unreachable(`${url}: this is not a WebSocket`));
        }
        let [rest, parts] = [Buffer.alloc(0), []];
        const read = (bytes) => {
            rest = Buffer.concat([rest, bytes]);
            for (let frame; (frame = frameOf(rest)); rest = rest.subarray(frame.end)) {
                if (frame.opcode === CLOSE) socket.end(frameWith(CLOSE, frame.payload));
                else if (frame.opcode === PING) socket.write(frameWith(PONG, frame.payload));
                else if (frame.opcode !== PONG) {
                    parts.push(frame.payload);
                    if (frame.isLast) take(Buffer.concat(parts.splice(0)).toString());
                }
            }
        };
        socket.on("data", read);
        socket.on("close", lost);
        // A ping comes every 15 seconds.
        socket.setTimeout(60_000, () => socket.destroy());
        resolve({
            send: (text) => socket.write(frameWith(TEXT, Buffer.from(text))),
            close: () => socket.destroy(),
        });
        read(head);
    });
    handshake.end();
});

const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

/** The frame that bytes begin with; undefined while it is not whole. */
function frameOf(bytes) {
    if (bytes.length < 2) return undefined;
    let [start, length] = [2, bytes[1] & 0x7F];
    if (length > 125) {
        start = length === 126 ? 4 : 10;
        if (bytes.length < start) return undefined;
        length = length === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    }
    const end = start + length;
    if (bytes.length < end) return undefined;
    return { isLast: bytes[0] > 0x7F, opcode: bytes[0] & 0x0F, payload: bytes.subarray(start, end), end };
}

/** A frame of a client: masked. */
function frameWith(opcode, payload) {
    const size = payload.length;
    const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (head.length === 2 ? size : head.length === 4 ? 126 : 127);
    if (head.length === 4) head.writeUInt16BE(size, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
    const mask = randomBytes(4);
    return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index & 3])]);
}

async function textOf(stream) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts).toString();
}

/** What an answer that is not good says, be it from jobd or from a server before it. */
async function refusal(status, text) {
    let problem = {};
    try {
        problem = JSON.parse(await text());
    } catch {
        // Not a problem of jobd's.
    }
    return new Refused(problem.code ?? "internal", problem.detail ?? `The server answered ${status}.`, problem);
}

/** JSON-RPC: calls do not wait for each other, and a watch says what changes. It connects when it has something to say. */
class RPCTransport {
    connections = 0;
    #connect;
    #connecting;
    #connection;
    #waiting = new Map();
    #watches = new Map();
    #last = 0;

    constructor(connect) {
        this.#connect = connect;
    }

    get isConnected() {
        return this.#connection !== undefined;
    }

    /** `watch` is told what changes from the reply on. */
    async call(method, params, timeout = 60_000, watch) {
        const connection = this.#connection ?? await this.#connected();
        const id = ++this.#last;
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => connection.close(), timeout);
            this.#waiting.set(id, (reply) => {
                clearTimeout(timer);
                if (!reply) return reject(new Unreachable("the connection to jobd broke"));
                if (reply.error) {
                    const data = reply.error.data ?? {};
                    return reject(new Refused(data.code ?? "internal", reply.error.message, data));
                }
                if (watch) {
                    this.#watches.set(reply.result.watch, watch);
                    reply.result.jobs.forEach((job) => watch.tell(job));
                }
                resolve(reply.result);
            });
            connection.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
        });
    }

    #connected() {
        this.#connecting ??= this.#connect((text) => this.#take(text), () => this.#lost()).then((connection) => {
            this.#connection = connection;
            this.connections++;
            return connection;
        }).finally(() => { this.#connecting = undefined; });
        return this.#connecting;
    }

    #take(text) {
        let message;
        try {
            message = JSON.parse(text);
        } catch {
            // Not jobd's; the calls fail with the connection.
        }
        if (!message) return this.close();
        const { id, method, params } = message;
        if (method === "jobs.changed") return this.#watches.get(params.watch)?.tell(params.job);
        // Whatever else is said of a watch (its job is gone, it has missed something) ends it.
        if (method) return this.#watches.get(params?.watch)?.end();
        const settle = this.#waiting.get(id);
        this.#waiting.delete(id);
        settle?.(message);
    }

    #lost() {
        if (!this.#connection) return;
        this.#connection = undefined;
        const [waiting, watches] = [[...this.#waiting.values()], [...this.#watches.values()]];
        this.#waiting.clear();
        this.#watches.clear();
        for (const settle of waiting) settle();
        for (const watch of watches) watch.end();
    }

    close() {
        this.#connection?.close();
    }

    /** The states of a job above a version, until the connection breaks or the job is gone; those that are old are skipped. */
    async *watch(jobId, since) {
        const watch = new Watch();
        const { watch: number } = await this.call("jobs.watch", { jobIds: [jobId], since: { [jobId]: since } }, 60_000, watch);
        try {
            yield* watch;
        } finally {
            if (this.#watches.get(number) === watch) {
                this.#watches.delete(number);
                this.call("jobs.unwatch", { watch: number }).catch(() => {});
            }
        }
    }
}

/** What is new of one job: the newest state that nobody has taken. */
class Watch {
    #job;
    #isOver = false;
    #wake = () => {};

    tell(job) {
        this.#job = job;
        this.#wake();
    }

    end() {
        this.#isOver = true;
        this.#wake();
    }

    async *[Symbol.asyncIterator]() {
        for (;;) {
            const job = this.#job;
            this.#job = undefined;
            if (job) yield job;
            else if (this.#isOver) return;
            else await new Promise((resolve) => { this.#wake = resolve; });
        }
    }
}

/** The control socket. */
class SocketTransport extends RPCTransport {
    constructor(path) {
        super(lines(path));
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
    leaseSeconds = 60;
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
        throw await refusal(response.status, () => response.text());
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

/** The WebSocket of a site; files go over HTTP. */
class WebSocketTransport extends RPCTransport {
    leaseSeconds = 60;

    constructor(url, options) {
        const http = new HTTPTransport(url.replace(/^ws/, "http"), options);
        super(frames(http.url, http.headers));
        this.http = http;
    }

    upload(...file) {
        return this.http.upload(...file);
    }

    fetch(lease, file) {
        return this.http.fetch(lease, file);
    }
}

/** jobd, by its control socket or by the address of its site. */
export class Jobd {
    /** `patience`: for how many milliseconds a request that may be repeated is tried while jobd is away. */
    constructor(at = process.env.JOBD_SOCKET ?? "/run/jobd/jobd.sock", { token, headers, patience = 60_000 } = {}) {
        const Transport = /^wss?:/.test(at) ? WebSocketTransport : /^https?:/.test(at) ? HTTPTransport : SocketTransport;
        this.transport = new Transport(at, { token, headers });
        this.patience = patience;
    }

    /** One request; with `repeats` it is sent again while jobd is away, which must be safe. */
    async call(method, params = {}, { repeats = false, timeout } = {}) {
        const end = Date.now() + this.patience;
        for (let pause = 50;; pause = Math.min(pause * 2, 1000)) {
            try {
                return await this.transport.call(method, params, timeout);
            } catch (error) {
                if (!repeats || !isAway(error) || Date.now() > end) throw error;
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
            try {
                for await (const job of this.#states(jobId, since)) {
                    if (job.version > since) {
                        since = job.version;
                        yield job;
                    }
                    if (FINAL.has(job.status)) return;
                }
            } catch (error) {
                if (!isAway(error)) throw error;
                await sleep(200);
            }
        }
    }

    /** Of a job: the present state, or the next one where nothing can be watched; then each as it comes, until the connection breaks. */
    async *#states(jobId, since) {
        const waits = since === 0 || !this.transport.watch;
        const job = await this.get(jobId, { since, waitSeconds: waits ? 25 : 0 });
        yield job;
        if (this.transport.watch) yield* this.transport.watch(jobId, job.version);
    }

    /** The job as it ended. */
    async wait(jobId) {
        let last;
        for await (const job of this.follow(jobId)) last = job;
        return last;
    }

    /**
     * Runs jobs until `signal` is aborted. Over the control socket a lease lasts as long as the connection, unless
     * `leaseSeconds` is given; otherwise 60 seconds.
     */
    async work(queues, run, { jobTypes, places = 1, leaseSeconds = this.transport.leaseSeconds, worker, signal } = {}) {
        const offer = { queues, worker: worker ?? `${hostname()} ${process.pid}`, ...(jobTypes ? { jobTypes } : {}),
            ...(leaseSeconds ? { leaseSeconds } : {}) };
        const runs = new Map();
        const keeper = new LeaseKeeper(this, runs, leaseSeconds);
        let isTold = false;
        try {
            while (!signal?.aborted) {
                if (runs.size >= places) {
                    await Promise.race([...[...runs.values()].map((entry) => entry.ended), sleep(500)]);
                    continue;
                }
                let claimed;
                try {
                    const count = Math.min(places - runs.size, 100);
                    // Not for long, so that a worker that is to stop does so soon.
                    claimed = await this.transport.call("work.claim", { ...offer, count, waitSeconds: 0.75 });
                } catch (error) {
                    if (!isAway(error) && error.code !== "storage-full") throw error;
                    if (!isTold) console.error(`jobd: trying again: ${error.message}`);
                    isTold = true;
                    await sleep(200);
                    continue;
                }
                isTold = false;
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
    const options = { at: { type: "string" }, token: { type: "string" } };
    const { values: { at, token }, positionals: queues } = parseArgs({ allowPositionals: true, options });
    if (queues.length === 0) {
        console.error("usage: node jobd.mjs [--at SOCKET or URL] [--token TOKEN] QUEUE…   runs jobs that wait metadata.seconds");
        process.exit(2);
    }
    const stop = new AbortController();
    for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => stop.abort());
    const jobd = new Jobd(at, { token });
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
