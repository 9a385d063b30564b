import { createHash, randomUUID } from "node:crypto";
import { problem } from "./scripted-server.js";

/**
 * The routes of a small server of tus 1.0.0, as a `ScriptedServer` takes them. `faults` is a list of functions
 * `(request, response, upload)`; the first is asked at each PATCH, and removed: it may answer in the server's place
 * (then it gives true), or take some of the bytes away.
 */
export class TusServer {
  uploads = new Map();
  faults = [];
  /** Each PATCH as [offset, bytes, whether its checksum was there]. */
  pieces = [];

  get routes() {
    return [
      ["POST", /^\/api\/uploads$/, (request, response) => this.#create(request, response)],
      ["HEAD", /^\/api\/uploads\/([^/]+)$/, (request, response, match) => this.#known(request, response, match, (upload) => this.#tell(response, 200, upload))],
      ["PATCH", /^\/api\/uploads\/([^/]+)$/, (request, response, match) => this.#known(request, response, match, (upload) => this.#append(request, response, upload))],
      ["DELETE", /^\/api\/uploads\/([^/]+)$/, (request, response, match) => this.#known(request, response, match, (upload) => {
        this.uploads.delete(upload.id);
        response.writeHead(204, { "Tus-Resumable": "1.0.0" }).end();
      })],
      ["GET", /^\/api\/files\/([^/]+)$/, (_, response, [, id]) => this.#describe(response, this.uploads.get(id))],
    ];
  }

  #create(request, response) {
    const length = Number(request.headers["upload-length"]);
    if (request.headers["tus-resumable"] !== "1.0.0" || !(length >= 0)) return problem(response, 400, "invalid-request");
    const metadata = Object.fromEntries(request.headers["upload-metadata"].split(",").map((pair) => pair.split(" ")));
    const upload = { id: `file_${randomUUID()}`, length, bytes: Buffer.alloc(0), name: Buffer.from(metadata.filename, "base64").toString() };
    this.uploads.set(upload.id, upload);
    response.writeHead(201, { "Tus-Resumable": "1.0.0", Location: `http://elsewhere.invalid/api/uploads/${upload.id}` }).end();
  }

  #known(request, response, [, id], action) {
    const upload = this.uploads.get(id);
    if (!upload) return problem(response, 404, "upload-not-found");
    if (request.headers["tus-resumable"] !== "1.0.0") return problem(response, 412, "precondition-failed");
    action(upload);
  }

  #append(request, response, upload) {
    const offset = Number(request.headers["upload-offset"]);
    const [algorithm, digest] = (request.headers["upload-checksum"] ?? "").split(" ");
    this.pieces.push([offset, request.bytes.length, Boolean(digest)]);
    if (this.faults.shift()?.(request, response, upload)) return;
    if (request.headers["content-type"] !== "application/offset+octet-stream") return problem(response, 415, "unsupported-media-type");
    if (offset !== upload.bytes.length) return problem(response, 409, "offset-conflict");
    if (digest && createHash(algorithm).update(request.bytes).digest("base64") !== digest) return problem(response, 460, "checksum-mismatch");
    upload.bytes = Buffer.concat([upload.bytes, request.bytes]);
    this.#tell(response, 204, upload);
  }

  #tell(response, status, { bytes, length, id }) {
    const isWhole = bytes.length === length;
    response.writeHead(status, {
      "Tus-Resumable": "1.0.0", "Upload-Offset": bytes.length, "Upload-Length": length, "Cache-Control": "no-store",
      ...(isWhole && status === 204 && { "Jobd-File-Id": id }),
    }).end();
  }

  #describe(response, upload) {
    if (!upload || upload.bytes.length < upload.length) return problem(response, 404, "file-not-found");
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({
      fileId: upload.id, name: upload.name, size: upload.length, mediaType: "application/octet-stream",
      sha256: createHash("sha256").update(upload.bytes).digest("hex"),
    }));
  }
}
