import { h, setText } from "../jobd/elements/dom.js";
import { bytes } from "../jobd/elements/format.js";
import { known } from "./chart-lines.js";
import { Chart } from "./chart.js";
import { QueueCard } from "./queue-card.js";
import { TypeTable } from "./type-table.js";
import { counted, periodOf, span } from "./words.js";

const count = (value) => value.toLocaleString("en");

/** What the whole service does: charts of the last hour, queues, storage. */
export class Overview {
  #queues = new Map();
  #onAction;

  constructor(onAction) {
    this.#onAction = onAction;
    this.charts = [
      new Chart("Jobs per minute", [
        { name: "Created", kind: "created", of: (minute) => minute.created },
        { name: "Completed", kind: "completed", of: (minute) => minute.completed },
        { name: "Failed", kind: "failed", of: (minute) => minute.failed },
      ], count),
      new Chart("Wait for a slot", [
        { name: "p50", kind: "p50", of: (minute) => minute.waitMs.p50 },
        { name: "p95", kind: "p95", of: (minute) => minute.waitMs.p95 },
      ], span),
      new Chart("Run time", [
        { name: "p50", kind: "p50", of: (minute) => minute.runMs.p50 },
        { name: "p95", kind: "p95", of: (minute) => minute.runMs.p95 },
      ], span),
    ];
    this.queues = h("ul", { className: "queues" });
    this.types = new TypeTable();
    this.storage = h("p", { className: "storage" });
    this.element = h("aside", { className: "overview", "aria-label": "The service" },
      h("section", { "aria-label": "Charts", className: "charts" }, this.charts.map((chart) => chart.element)),
      h("section", { "aria-label": "Queues" }, h("h2", {}, "Queues"), this.queues),
      this.types.element,
      h("section", { "aria-label": "Storage" }, h("h2", {}, "Storage"), this.storage));
  }

  show(statistics) {
    const { startedAt, minutes, queues, storage, streams, types } = statistics;
    const shown = known(minutes, startedAt);
    for (const chart of this.charts) chart.show(shown);
    for (const queue of queues) this.showQueue(queue);
    this.types.show(types, periodOf(statistics));
    setText(this.storage, `${counted(storage.files, "file", "files")}, ${bytes(storage.bytes)}; ${bytes(storage.freeBytes)} free. `
      + `${counted(streams, "stream is", "streams are")} open.`);
  }

  showQueue(queue) {
    let card = this.#queues.get(queue.name);
    if (!card) {
      card = new QueueCard(queue.name, this.#onAction);
      this.#queues.set(queue.name, card);
      this.queues.append(card.element);
    }
    card.show(queue);
  }

  /** Jobs that have ended just now, for the throughput. */
  ended(jobs) {
    for (const job of jobs) this.#queues.get(job.queue)?.ended();
  }

  tick() {
    this.#queues.forEach((card) => card.tick());
  }
}
