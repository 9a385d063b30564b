// SPDX-License-Identifier: Apache-2.0
/** Lets so many things be done at a time; the others wait for their turn. */
export class Turns {
  #most;
  #running = 0;
  #waiting = [];

  constructor(most) {
    this.#most = most;
  }

  /** Calls `begin(done)` when it is its turn; `done` is called once it is over, also more than once. */
  enqueue(begin) {
    this.#waiting.push(begin);
    this.#next();
  }

  #next() {
    while (this.#running < this.#most && this.#waiting.length) {
      this.#running++;
      let isOver = false;
      this.#waiting.shift()(() => {
        if (isOver) return;
        isOver = true;
        this.#running--;
        this.#next();
      });
    }
  }
}
