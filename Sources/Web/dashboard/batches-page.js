import { h, setText } from "../jobd/elements/dom.js";
import { batchAddress } from "./address.js";
import { jobs, service } from "./api.js";
import { CardList } from "./card-list.js";
import { batchNames, countsOf, moment } from "./words.js";

/** Jobs that are looked at for their batches, and batches that are asked for. */
const JOBS = 500;
const BATCHES = 20;

/** The page of the newest batches, which are found by their jobs: the service has no list of them. */
export class BatchesPage {
  title = "Batches";
  #ids = new Set();
  #stale = new Set();
  #batches = new Map();
  #isLooking = false;
  isLive = false;

  constructor(go) {
    this.id = h("input", { type: "search", name: "batch", "aria-label": "A batch's id", placeholder: "A batch's id", spellcheck: false, autocomplete: "off" });
    this.cards = new CardList("Batches", (id) => new BatchCard(id));
    this.element = h("div", { className: "sub-page" },
      h("div", { className: "line" }, h("h1", { id: "title", tabIndex: -1 }, "Batches"),
        h("form", { className: "fields", role: "search", onsubmit: (event) => {
          event.preventDefault();
          const id = this.id.value.trim();
          if (id) go(batchAddress(id));
        } }, this.id, h("button", { type: "submit" }, "Open"))),
      h("p", { className: "hint" }, `The batches of the newest ${JOBS} jobs.`), this.cards.element);
  }

  start() {
    this.missed();
  }

  close() {}

  change(changed) {
    for (const { batchId } of changed) if (batchId) this.#stale.add(batchId);
    this.#look();
  }

  async missed() {
    try {
      const { jobs: newest } = await jobs.list({ limit: JOBS });
      for (const { batchId } of newest) if (batchId) this.#stale.add(batchId);
      await this.#look();
    } catch (error) {
      this.cards.say(error.message);
    }
  }

  show() {
    if (!this.isLive) this.missed();
  }

  /** Asks for those that may have changed, one look at a time. */
  async #look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      do {
        const ids = [...this.#stale].slice(0, BATCHES);
        this.#stale.clear();
        for (const batch of await Promise.all(ids.map(found))) if (batch) this.#batches.set(batch.batchId, batch);
        this.#draw();
      } while (this.#stale.size);
    } catch (error) {
      this.cards.say(error.message);
    }
    this.#isLooking = false;
  }

  #draw() {
    const newest = [...this.#batches.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, BATCHES);
    this.cards.show(newest.map((batch) => ({ key: batch.batchId, ...batch })), "There are none.");
  }
}

/** A batch, or null when it is there no more. */
async function found(batchId) {
  try {
    return await service.batch(batchId, { repeat: false });
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

class BatchCard {
  constructor(id) {
    this.badge = h("span", { className: "badge" });
    this.fill = h("span", { className: "fill" });
    this.bar = h("div", { className: "bar", role: "progressbar", "aria-label": `Progress of ${id}`, "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.counts = h("p");
    this.made = h("p", { className: "hint" });
    this.element = h("li", { className: "panel card" },
      h("div", { className: "line" }, h("h2", {}, h("a", { href: batchAddress(id) }, id)), this.badge), this.bar, this.counts, this.made);
  }

  show(batch) {
    showState(this, batch);
    setText(this.counts, countsOf(batch.counts));
    setText(this.made, `Made ${moment(batch.createdAt)}${batch.finishedAt ? `, ended ${moment(batch.finishedAt)}` : ""}`);
  }
}

/** A batch's badge and bar; also on its own page. */
export function showState({ element, badge, fill, bar }, { status, progress }) {
  element.dataset.status = status === "open" ? "processing" : status;
  setText(badge, batchNames[status] ?? status);
  fill.style.inlineSize = `${progress}%`;
  bar.setAttribute("aria-valuenow", Math.floor(progress));
}
