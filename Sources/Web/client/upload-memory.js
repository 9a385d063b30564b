// SPDX-License-Identifier: Apache-2.0
const PREFIX = "jobd-upload ";
/** What is older is not asked for, in milliseconds; the service may forget it sooner. */
const LIFETIME = 7 * 86_400_000;

/**
 * Which upload a file has, kept by the browser, so that the same file goes on after a reload when it is chosen again.
 *
 * A file is the same when its name, size, type and moment of change are. One tab has it at a time.
 */
export class UploadMemory {
  #key;
  #release = () => {};

  constructor(key) {
    this.#key = key;
  }

  /** Null where nothing can be kept, or the bytes are not a file's. */
  static of(base, file, name) {
    if (typeof file.lastModified !== "number" || !storage()) return null;
    sweep();
    return new UploadMemory(PREFIX + JSON.stringify([base, name, file.type, file.size, file.lastModified]));
  }

  /** The upload's id, or null; it is this tab's until `release`. */
  async take() {
    // Another tab sends the same file: this one begins its own.
    if (!(await this.#lock())) {
      this.#key = null;
      return null;
    }
    return entry(this.#key)?.id ?? null;
  }

  keep(id) {
    if (!this.#key) return;
    try {
      storage().setItem(this.#key, JSON.stringify({ id, at: Date.now() }));
    } catch {
      // Full: a reload will begin anew.
    }
  }

  forget() {
    if (this.#key) storage()?.removeItem(this.#key);
  }

  release() {
    this.#release();
  }

  #lock() {
    const { locks } = globalThis.navigator ?? {};
    if (!locks) return true;
    return new Promise((resolve) => {
      locks.request(this.#key, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise((release) => (this.#release = release));
      }).catch(() => resolve(true));
    });
  }
}

function storage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function entry(key) {
  try {
    const { id, at } = JSON.parse(storage().getItem(key));
    return typeof id === "string" && Date.now() - at < LIFETIME ? { id } : null;
  } catch {
    return null;
  }
}

/** Removes what is too old to be of use. */
function sweep() {
  const kept = storage();
  for (const key of Array.from({ length: kept.length }, (_, index) => kept.key(index))) {
    if (key?.startsWith(PREFIX) && !entry(key)) kept.removeItem(key);
  }
}
