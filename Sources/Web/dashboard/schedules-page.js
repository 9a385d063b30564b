import { h, setShown, setText } from "../jobd/elements/dom.js";
import { jobAddress } from "./address.js";
import { service } from "./api.js";
import { CardList } from "./card-list.js";
import { showFacts } from "./facts.js";
import { confirmed, notice } from "./notices.js";
import { missedNames, moment, until } from "./words.js";

/** The page of all schedules: when each comes true next, its last job, a job now. */
export class SchedulesPage {
  title = "Schedules";
  #isLooking = false;
  #clock;

  constructor(go) {
    this.cards = new CardList("Schedules", (name) => new ScheduleCard(name, {
      onRun: async () => {
        const job = await this.#try(() => service.runSchedule(name));
        if (job) go(jobAddress(job.jobId));
      },
      onRemove: async () => {
        const isSure = await confirmed({ question: `Remove the schedule ${name}?`, explanation: "Its jobs stay. It makes no more.", action: "Remove" });
        if (isSure) await this.#try(() => service.removeSchedule(name));
        this.#look();
      },
    }));
    this.element = h("div", { className: "sub-page" }, h("h1", { id: "title", tabIndex: -1 }, "Schedules"), this.cards.element);
  }

  start() {
    this.#look();
    this.#clock = setInterval(() => this.cards.tick(), 1000);
  }

  close() {
    clearInterval(this.#clock);
  }

  change(changed) {
    if (changed.some(({ schedule }) => schedule)) this.#look();
  }

  missed() {
    this.#look();
  }

  /** Schedules change without any job; they are few. */
  show() {
    this.#look();
  }

  async #look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { schedules } = await service.schedules({ repeat: false });
      this.cards.show(schedules.map((schedule) => ({ key: schedule.name, ...schedule })),
        "There are no schedules. [schedules.NAME] in the configuration makes one, and so does jobctl schedules set NAME.");
    } catch (error) {
      this.cards.say(error.message);
    }
    this.#isLooking = false;
  }

  async #try(action) {
    try {
      return await action();
    } catch (error) {
      notice(error.message);
      return null;
    }
  }
}

class ScheduleCard {
  #next = [];

  constructor(name, { onRun, onRemove }) {
    this.title = h("h2", { tabIndex: -1 }, name);
    this.run = h("button", { type: "button", className: "operate", onclick: onRun, "aria-label": `Run ${name} now` }, "Run now");
    this.remove = h("button", { type: "button", className: "danger operate", onclick: onRemove, "aria-label": `Remove the schedule ${name}` }, "Remove");
    this.facts = h("dl", { className: "facts" });
    this.next = h("ol", { className: "next" });
    this.none = h("p", { className: "hint" }, "It does not come true any more.");
    this.element = h("li", { className: "panel card" },
      h("div", { className: "line" }, this.title, h("div", { className: "buttons" }, this.run, this.remove)), this.facts, h("h3", {}, "Next"), this.next, this.none);
  }

  show({ cron, timeZone, jobType, queue, missed, overlap, source, next, lastJobId }) {
    setShown(this.remove, source === "api", this.title);
    showFacts(this.facts, [
      ["When", cron], ["Time zone", timeZone], ["Type", jobType], ["Queue", queue],
      ["Missed", missedNames[missed] ?? missed], ["Overlap", overlap ? null : "not while its last job has not ended"],
      ["Made by", source === "api" ? "a request" : "the configuration"],
      ["Last job", lastJobId && { text: lastJobId, href: jobAddress(lastJobId) }],
    ]);
    const key = next.join(" ");
    if (key !== this.next.key) {
      this.next.key = key;
      this.next.replaceChildren(...next.map((at) => h("li", {}, h("time", { dateTime: at }, moment(at)), h("span", { className: "hint" }))));
    }
    this.none.hidden = next.length > 0;
    this.#next = next;
    this.tick();
  }

  tick() {
    this.#next.forEach((at, index) => setText(this.next.children[index].lastElementChild, until(at)));
  }
}
