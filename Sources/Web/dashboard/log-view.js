import { h, setText } from "../jobd/elements/dom.js";
import { isFinal } from "../jobd/client/update.js";
import { jobs } from "./api.js";
import { saveLog } from "./log-file.js";
import { notice } from "./notices.js";
import { clock } from "./words.js";

/** Lines that are kept in sight; a longer log begins later. */
const MAXIMUM_LINES = 5000;
/** Milliseconds between two looks while the job runs. */
const PAUSE = 1000;

/** A job's log lines as they come. */
export class LogView {
  #jobId;
  #next = 0;
  #isEnding = false;
  #isReading = false;
  /** Counts the clearings: what was asked for before one is not shown after it. */
  #generation = 0;
  #timer = null;
  #run = new AbortController();

  constructor(jobId) {
    this.#jobId = jobId;
    this.note = h("p", { className: "hint" }, "Nothing yet.");
    this.lines = h("ol", { className: "lines" });
    this.scroller = h("div", { className: "log", tabIndex: 0, role: "log", "aria-label": "Log lines", "aria-live": "off", hidden: true }, this.lines);
    this.search = h("input", { type: "search", placeholder: "Find in these lines", "aria-label": "Find in these lines", spellcheck: false, oninput: () => this.#filter() });
    this.found = h("span", { className: "hint", role: "status" });
    this.save = h("button", { type: "button", onclick: () => this.#save() }, "Download");
    this.tools = h("div", { className: "line log-tools", hidden: true }, this.search, this.found, this.save);
    this.element = h("div", {}, this.tools, this.note, this.scroller);
  }

  close() {
    this.#run.abort();
    clearTimeout(this.#timer);
  }

  /** The job has changed; `isAnew` when it was retried, which clears its log. */
  follow(job, isAnew) {
    if (isAnew) {
      this.#generation++;
      this.#next = 0;
      this.lines.replaceChildren();
    }
    this.#isEnding = isFinal(job);
    if (job.attempt > 0) this.#read();
  }

  async #read() {
    if (this.#isReading) return;
    this.#isReading = true;
    clearTimeout(this.#timer);
    let isLast = false;
    try {
      for (let isMore = true; isMore; ) {
        isLast = this.#isEnding;
        const generation = this.#generation;
        const { lines, next } = await jobs.logs(this.#jobId, { after: this.#next, limit: 1000, signal: this.#run.signal });
        isMore = lines.length > 0 || generation !== this.#generation;
        if (generation !== this.#generation) continue;
        this.#next = next;
        this.#append(lines);
      }
    } catch {
      // The next look will tell.
    }
    this.#isReading = false;
    if (!this.#run.signal.aborted && !isLast) this.#timer = setTimeout(() => this.#read(), PAUSE);
  }

  #append(lines) {
    if (!lines.length) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const isAtEnd = this.scroller.hidden || scrollHeight - scrollTop - clientHeight < 40;
    this.lines.append(...lines.map(({ n, at, step, stream, text }) => {
      const line = h("li", { value: n, title: at }, h("time", { dateTime: at }, clock(at)), h("span", { className: "step", title: step }, step), h("span", { className: "text", dir: "auto" }, text));
      line.dataset.stream = stream;
      line.hidden = !this.#isFound(line);
      return line;
    }));
    while (this.lines.childElementCount > MAXIMUM_LINES) this.lines.firstElementChild.remove();
    this.scroller.hidden = this.tools.hidden = false;
    this.#count();
    setText(this.note, this.lines.firstElementChild.value > 1 ? `Earlier lines are not shown; the log has ${this.#next}.` : "");
    this.note.hidden = !this.note.textContent;
    if (isAtEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #isFound(line) {
    const part = this.search.value.trim().toLowerCase();
    return !part || line.textContent.toLowerCase().includes(part);
  }

  #filter() {
    for (const line of this.lines.children) line.hidden = !this.#isFound(line);
    this.#count();
  }

  #count() {
    const shown = this.lines.querySelectorAll("li:not([hidden])").length;
    setText(this.found, this.search.value.trim() ? `${shown.toLocaleString("en")} of ${this.lines.childElementCount.toLocaleString("en")} lines` : "");
  }

  async #save() {
    this.save.disabled = true;
    await saveLog(this.#jobId, this.#run.signal).catch((error) => this.#run.signal.aborted || notice(error.message));
    this.save.disabled = false;
  }
}
