/** How often the service is asked how it is, in milliseconds. */
const INTERVAL = 3000;
/** Longer no answer takes from a service that is well. */
const PATIENCE = 5000;

/**
 * Asks the service again and again for its statistics, which only the daemon can answer: a stream may be open, and say
 * nothing, while the daemon hangs.
 *
 * `onStatistics(statistics)` is told each answer, `onTrouble(error)` each failure.
 */
export class Pulse {
  #ask;
  #on;

  constructor(ask, on) {
    this.#ask = ask;
    this.#on = on;
  }

  start() {
    setInterval(() => this.look(), INTERVAL);
    this.look();
  }

  async look() {
    if (globalThis.document?.hidden) return;
    try {
      this.#on.onStatistics(await this.#ask({ repeat: false, timeoutMs: PATIENCE }));
    } catch (error) {
      this.#on.onTrouble(error);
    }
  }
}
