// SPDX-License-Identifier: Apache-2.0
/** The speed is that of the last moments, in milliseconds: a network changes. */
const WINDOW = 8000;
/** Before, it would be a guess. */
const LEAST = 1000;

/** How fast bytes go, and how long the rest takes. */
export class Pace {
  #total;
  #moments = [];

  constructor(total) {
    this.#total = total;
  }

  /** So many bytes have gone. Gives `{ bytesPerSecond, secondsLeft }`, each null while it is not known. */
  after(loaded, now = Date.now()) {
    const moments = this.#moments;
    moments.push({ loaded, now });
    while (moments.length > 2 && moments[1].now <= now - WINDOW) moments.shift();
    const elapsed = now - moments[0].now;
    if (elapsed < LEAST) return { bytesPerSecond: null, secondsLeft: null };
    const bytesPerSecond = ((loaded - moments[0].loaded) * 1000) / elapsed;
    return { bytesPerSecond, secondsLeft: bytesPerSecond > 0 ? (this.#total - loaded) / bytesPerSecond : null };
  }
}
