import { h, setShown, setText } from "../jobd/elements/dom.js";
import { jobAddress } from "./address.js";
import { service } from "./api.js";
import { reasonOf } from "./words.js";

const waits = ["pending", "blocked", "scheduled", "queued"];

/** Why a job does not run yet, as the service explains it; asked again while it waits. */
export class Waiting {
  #jobId;
  #status = null;
  #run = new AbortController();

  constructor(jobId) {
    this.#jobId = jobId;
    this.text = h("p", { role: "status" });
    this.place = h("p", { className: "hint" });
    this.by = h("p", { className: "by" });
    this.element = h("section", { className: "panel waiting", "aria-label": "Why it waits", hidden: true },
      h("h2", {}, "Why it waits"), this.text, this.place, this.by);
  }

  close() {
    this.#run.abort();
  }

  /** The job is in this state now; `heir` gets the focus of what is hidden. */
  show({ status }, heir) {
    const isNew = status !== this.#status;
    this.#status = status;
    if (!waits.includes(status)) setShown(this.element, false, heir);
    else if (isNew) this.look();
  }

  /** Asks again. */
  async look() {
    if (!waits.includes(this.#status)) return;
    try {
      this.#tell(await service.explain(this.#jobId, { signal: this.#run.signal, repeat: false }));
    } catch {
      // The next look will tell.
    }
  }

  #tell({ status, text, position, estimateSeconds, by }) {
    // What was asked before it started is not shown after.
    if (!waits.includes(this.#status) || status !== this.#status) return;
    setText(this.text, text);
    setText(this.place, reasonOf({ position, estimateSeconds }));
    const key = by.join(" ");
    if (this.by.key !== key) {
      this.by.key = key;
      this.by.replaceChildren(...(by.length ? ["Waits for ", ...by.slice(0, 20).flatMap((jobId, index) => [
        index ? ", " : "", h("a", { href: jobAddress(jobId) }, jobId)]), by.length > 20 ? ` and ${by.length - 20} more` : ""] : []));
    }
    this.element.hidden = false;
  }
}
