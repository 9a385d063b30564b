// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { parsed, repeating } from "./http.js";
import { Pace } from "./pace.js";
import { PieceUpload } from "./piece-upload.js";
import { isOffline, pause } from "./timing.js";
import { transmit } from "./transmit.js";

/** How often a file is sent again after its connection broke. */
const REPEATS = 3;
/** Larger files go in pieces, in bytes: a small one is sent again sooner than it is asked how far it came. */
export const WHOLE = 8 * 1024 * 1024;

/**
 * Sends a file's bytes and gives its description: `{ fileId, name, size, mediaType, sha256 }`.
 *
 * `onProgress(percent, { loaded, total, bytesPerSecond, secondsLeft })` never goes back, also when bytes are sent again.
 * A file above 8 MiB goes in pieces and, after a loss, on from where it was; with `remember` also after a reload.
 */
export async function upload(http, file, options = {}) {
  const { name = file.name ?? "file", onProgress = () => {}, signal, patienceMs, onLost, remember = false } = options;
  signal?.throwIfAborted();
  const body = asBlob(file);
  const show = shownProgress(body.size, onProgress);
  const again = { times: REPEATS, patienceMs, signal, onLost };
  const request = { name, body, signal, onLoaded: show, again };
  const description = (body.size > WHOLE ? await new PieceUpload(http, { ...request, remember }).send() : null) ?? (await sendWhole(http, request));
  show(body.size);
  return description;
}

function sendWhole(http, { name, body, signal, onLoaded, again }) {
  const headers = { "Content-Type": body.type || "application/octet-stream" };
  const path = `/api/files?name=${encodeURIComponent(name)}`;
  return repeating(again, async () => {
    signal?.throwIfAborted();
    // A browser that knows its network to be away sends nothing before it is back.
    if (isOffline()) await pause(0, signal);
    const { status, text, header } = await transmit(http, { method: "POST", path, headers, body, signal, onLoaded });
    if (status !== 201 && status !== 200) throw JobdError.of(status, text, header("Retry-After"));
    return parsed({ status, text });
  });
}

/** A function to be told how many bytes have gone; what it tells on never goes back. */
function shownProgress(total, onProgress) {
  const pace = new Pace(total);
  let most = -1;
  return (loaded) => {
    if (loaded <= most) return;
    most = loaded;
    onProgress(total ? Math.min(100, (loaded / total) * 100) : 100, { loaded, total, ...pace.after(loaded) });
  };
}

function asBlob(file) {
  if (file instanceof Blob) return file;
  if (typeof file === "string" || file instanceof ArrayBuffer || ArrayBuffer.isView(file)) return new Blob([file]);
  throw new TypeError("upload takes a File, a Blob, a string or bytes");
}
