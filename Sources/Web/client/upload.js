// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { parsed, repeating } from "./http.js";
import { isOffline, pause } from "./timing.js";

/** How often a file is sent again after its connection broke. */
const REPEATS = 3;

/**
 * Sends a file's bytes and gives its description: `{ fileId, name, size, mediaType, sha256 }`.
 *
 * `onProgress(percent, { loaded, total })` never goes back, also when the file is sent again.
 */
export function upload(http, file, { name = file.name ?? "file", onProgress = () => {}, signal, patienceMs, onLost } = {}) {
  const body = asBlob(file);
  let shown = -1;
  const show = (loaded) => {
    const percent = body.size ? Math.min(100, (loaded / body.size) * 100) : loaded === body.size ? 100 : 0;
    if (percent <= shown) return;
    shown = percent;
    onProgress(percent, { loaded, total: body.size });
  };
  const request = {
    url: http.url(`/api/files?name=${encodeURIComponent(name)}`),
    body, type: body.type || "application/octet-stream", signal, onLoaded: show, sender: http.sender,
  };
  return repeating({ times: REPEATS, patienceMs, signal, onLost }, async () => {
    signal?.throwIfAborted();
    // A browser that knows its network to be away sends nothing before it is back.
    if (isOffline()) await pause(0, signal);
    const hasProgress = typeof XMLHttpRequest === "function" && !http.sender.isOwnFetch;
    const send = hasProgress ? sendWithXMLHttpRequest : sendWithFetch;
    const { status, text, retryAfter } = await http.sender.authorized((headers) => send({ ...request, headers }));
    if (status !== 201 && status !== 200) throw JobdError.of(status, text, retryAfter);
    const description = parsed({ status, text });
    show(body.size);
    return description;
  });
}

function asBlob(file) {
  if (file instanceof Blob) return file;
  if (typeof file === "string" || file instanceof ArrayBuffer || ArrayBuffer.isView(file)) return new Blob([file]);
  throw new TypeError("upload takes a File, a Blob, a string or bytes");
}

/** In browsers, where fetch does not tell how much has been sent. */
function sendWithXMLHttpRequest({ url, body, type, signal, onLoaded, headers, sender }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => {
      request.abort();
      reject(signal.reason);
    };
    request.open("POST", url);
    request.withCredentials = sender.credentials === "include";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", type);
    request.upload.onprogress = (event) => onLoaded(event.loaded);
    request.onerror = request.ontimeout = () => reject(JobdError.network(new Error("the upload's connection broke")));
    request.onload = () => resolve({
      status: request.status, text: request.responseText, retryAfter: request.getResponseHeader("Retry-After"),
    });
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    onLoaded(0);
    request.send(body);
  });
}

/** In Node; the bytes are counted as they are taken. */
async function sendWithFetch({ url, body, type, signal, onLoaded, headers, sender }) {
  let loaded = 0;
  onLoaded(0);
  const counted = body.stream().pipeThrough(new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      // What is taken has not arrived; the answer says that it has.
      onLoaded(Math.min(loaded, body.size - 1));
      controller.enqueue(chunk);
    },
  }));
  try {
    const response = await sender.send(url, {
      method: "POST", headers: { ...headers, "Content-Type": type }, body: counted, duplex: "half", signal,
    });
    return { status: response.status, text: await response.text(), retryAfter: response.headers.get("Retry-After") };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw JobdError.network(error);
  }
}
