import { h, setShown, setText } from "../jobd/elements/dom.js";
import { jobAddress } from "./address.js";
import { service } from "./api.js";
import { CardList } from "./card-list.js";
import { showFacts } from "./facts.js";
import { notice } from "./notices.js";
import { moment, until } from "./words.js";

/** Messages that are shown. */
const SHOWN = 100;
/** Milliseconds between two looks; messages change without any job. */
const PAUSE = 5000;

const states = { "": "All", pending: "Waiting", delivered: "Delivered", abandoned: "Abandoned" };

/** The page of messages to webhooks: what was sent to whom, what was answered, and once more. */
export class WebhooksPage {
  title = "Webhooks";
  #isLooking = false;
  #status = "";
  #clock;
  #lookedAt = 0;

  constructor() {
    this.chips = Object.entries(states).map(([status, name]) =>
      h("button", { type: "button", className: "chip", name: status, onclick: () => this.#choose(status) }, name));
    this.cards = new CardList("Messages", (id) => new DeliveryCard(() => this.#redeliver(id)));
    this.element = h("div", { className: "sub-page" },
      h("div", { className: "line" }, h("h1", { id: "title", tabIndex: -1 }, "Webhooks"),
        h("div", { className: "chips", role: "group", "aria-label": "States" }, this.chips)),
      h("p", { className: "hint" }, `The newest ${SHOWN} messages. Delivered and abandoned ones stay for three days.`), this.cards.element);
  }

  start() {
    this.#choose("");
    this.#clock = setInterval(() => this.cards.tick(), 1000);
  }

  close() {
    clearInterval(this.#clock);
  }

  change(changed) {
    if (changed.some(({ finishedAt }) => finishedAt)) this.show();
  }

  missed() {
    this.#look();
  }

  show() {
    if (Date.now() - this.#lookedAt >= PAUSE) this.#look();
  }

  #choose(status) {
    this.#status = status;
    for (const chip of this.chips) chip.setAttribute("aria-pressed", chip.name === status);
    this.#look();
  }

  async #look() {
    this.#lookedAt = Date.now();
    if (this.#isLooking) return;
    this.#isLooking = true;
    const status = this.#status;
    try {
      const { deliveries } = await service.deliveries({ status, limit: SHOWN }, { repeat: false });
      if (status === this.#status) {
        this.cards.show(deliveries.map((delivery) => ({ key: delivery.id, ...delivery })),
          status ? "There are none." : "Nothing was sent yet. To add a webhook, put [webhooks.NAME] into the configuration.");
      }
    } catch (error) {
      this.cards.say(error.message);
    }
    this.#isLooking = false;
    if (status !== this.#status) this.#look();
  }

  async #redeliver(id) {
    try {
      await service.redeliver(id);
      this.#look();
    } catch (error) {
      notice(error.message);
    }
  }
}

const kinds = { pending: "queued", delivered: "completed", abandoned: "failed" };

class DeliveryCard {
  #next = null;

  constructor(onRedeliver) {
    this.title = h("h2", { tabIndex: -1 });
    this.badge = h("span", { className: "badge" });
    this.facts = h("dl", { className: "facts" });
    this.next = h("p", { className: "hint" });
    this.again = h("button", { type: "button", className: "operate", onclick: onRedeliver }, "Send again");
    this.element = h("li", { className: "panel card" },
      h("div", { className: "line" }, this.title, this.badge), this.facts, h("div", { className: "line" }, this.next, this.again));
  }

  show({ id, webhook, type, jobId, status, attempts, createdAt, lastAttemptAt, nextAttemptAt, httpStatus, problem }) {
    this.element.dataset.status = kinds[status] ?? "pending";
    setText(this.title, `${type} to ${webhook}`);
    setText(this.badge, states[status] ?? status);
    showFacts(this.facts, [
      ["Job", { text: jobId, href: jobAddress(jobId) }], ["Made", moment(createdAt)], ["Tries", attempts], ["Last try", lastAttemptAt && moment(lastAttemptAt)],
      ["Answer", httpStatus], ["Problem", problem], ["Id", id],
    ]);
    this.#next = nextAttemptAt;
    setShown(this.again, status !== "pending", this.title);
    this.again.setAttribute("aria-label", `Send ${type} of ${jobId} to ${webhook} again`);
    this.tick();
  }

  tick() {
    setText(this.next, this.#next ? `Next try ${until(this.#next)}` : "");
  }
}
