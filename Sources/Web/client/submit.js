// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";
import { Pace } from "./pace.js";
import { Bar } from "./update.js";

/** How long a submit goes on trying when the service cannot be reached, in milliseconds. */
const PATIENCE = 600_000;

/**
 * Sends one file or several, makes their job, and follows it to its end; one bar for all of it.
 *
 * `onUpdate(update, transfer)` is told everything; `transfer` is `{ loaded, total, bytesPerSecond, secondsLeft }` while
 * bytes are sent, and null otherwise. An error has the `fileIds`, the `fileId` of the first, and the `jobId` that it came to.
 */
export async function submit(client, files, { jobId, options, start }) {
  const {
    onUpdate = () => {}, onConnection, signal, timeoutMs, patienceMs = PATIENCE, uploadShare, remember,
    name, fileId, fileIds, initialDelayMs, creationGraceMs, ...fields
  } = options;
  const all = Array.isArray(files) ? files : [files];
  const sent = { fileIds: all.map((_, index) => fileIds?.[index] ?? (index ? null : fileId) ?? null), jobId };
  const bar = new Bar(uploadShare);
  const again = { signal, patienceMs, onLost: () => onUpdate(bar.lost(), null) };
  try {
    const progress = new Together(all, (percent, transfer) => onUpdate(bar.uploading(percent), transfer));
    for (const [index, file] of all.entries()) {
      const report = (_, { loaded }) => progress.note(index, loaded);
      sent.fileIds[index] ??= (await client.upload(file, { name: all.length > 1 ? undefined : name, remember, ...again, onProgress: report })).fileId;
      progress.note(index, progress.sizes[index]);
    }
    const job = await start({ jobId, fileIds: sent.fileIds }, fields, again);
    onUpdate(bar.of(job), null);
    return await client.follow(job.jobId, { onUpdate: (update) => onUpdate(update, null), onConnection, signal, timeoutMs, bar, since: job.version });
  } catch (error) {
    if (error instanceof JobdError) Object.assign(error, { jobId, fileIds: sent.fileIds, fileId: sent.fileIds[0] ?? undefined });
    throw error;
  }
}

/** How far several files are together; never goes back. */
class Together {
  #loaded;
  #total;
  #most = -1;
  #pace;
  #tell;

  constructor(files, tell) {
    this.sizes = files.map((file) => file.size ?? file.byteLength ?? new Blob([file]).size);
    this.#loaded = files.map(() => 0);
    this.#total = this.sizes.reduce((sum, size) => sum + size, 0);
    this.#pace = new Pace(this.#total);
    this.#tell = tell;
  }

  /** So many bytes of a file have gone. */
  note(index, loaded) {
    this.#loaded[index] = loaded;
    const sum = this.#loaded.reduce((sum, count) => sum + count, 0);
    if (sum <= this.#most) return;
    this.#most = sum;
    this.#tell(this.#total ? (sum / this.#total) * 100 : 100, { loaded: sum, total: this.#total, ...this.#pace.after(sum) });
  }
}
