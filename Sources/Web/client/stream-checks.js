// SPDX-License-Identifier: Apache-2.0

/** A stream that says nothing new for so long is checked, then at growing intervals. */
export const FIRST_CHECK = 4000;
const LAST_CHECK = 30_000;
/** Jobs that one check asks for. */
const CHECKED = 4;

/** Looks whether a quiet stream has nothing to say, or is deaf. */
export class StreamChecks {
  #stream;
  #timer = null;
  #pause = FIRST_CHECK;
  #checked = 0;

  /**
   * The stream is needed while `isNeeded()`, and should say what is new of the topics `carried()`; `ask(topic)` has a topic take the
   * present state. When one of them was behind, `onBehind()` is told.
   */
  constructor({ isNeeded, carried, ask, onBehind }) {
    this.#stream = { isNeeded, carried, ask, onBehind };
  }

  /** Begins to wait anew. */
  start(pause = FIRST_CHECK) {
    this.stop();
    this.#pause = pause;
    this.#timer = setTimeout(() => this.#check(), pause);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  async #check() {
    const next = Math.min(LAST_CHECK, Math.max(FIRST_CHECK, this.#pause * 2));
    let isBehind = false;
    const carried = this.#stream.carried();
    for (let count = Math.min(CHECKED, carried.length); count > 0; count--) {
      const topic = carried[this.#checked++ % carried.length];
      const before = topic.version;
      await this.#stream.ask(topic).catch(() => {});
      isBehind ||= topic.version > before;
    }
    if (!this.#stream.isNeeded()) return;
    if (isBehind) this.#stream.onBehind();
    this.start(next);
  }
}
