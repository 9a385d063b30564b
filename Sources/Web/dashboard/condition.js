import { jobs, service } from "./api.js";
import { queueAct } from "./actions.js";
import { groupsOf } from "./error-groups.js";
import { ProblemList } from "./problem-list.js";
import { problemsOf } from "./problems.js";
import { beginningOf } from "./words.js";

/** Between two looks at what failed, in milliseconds. */
const PAUSE = 15_000;
/** Failed jobs whose errors are looked at, and messages to webhooks. */
const FAILED = 200;
const MESSAGES = 100;

/** How the service is: what is known of it, and what is wrong with it. `onQueue(queue)` is told of one that was resumed. */
export class Condition {
  #known = { trouble: null, statistics: null, before: null, failures: [], abandoned: 0, late: [] };
  #lookedAt = 0;
  #list;

  constructor(onQueue) {
    this.#list = new ProblemList(async (name) => {
      const queue = await queueAct("resume", name);
      if (queue) onQueue(queue);
    });
    this.element = this.#list.element;
    this.spoken = this.#list.spoken;
  }

  /** Why no job could be created and run now; null when one could. */
  set trouble(sentence) {
    this.#learn({ trouble: sentence });
  }

  set statistics(statistics) {
    this.#learn({ statistics, before: this.#known.statistics });
    this.#look(statistics);
  }

  /** A queue was paused or resumed. */
  change(queue) {
    const { statistics } = this.#known;
    if (statistics) this.#learn({ statistics: { ...statistics, queues: statistics.queues.map((one) => (one.name === queue.name ? queue : one)) } });
  }

  #learn(news) {
    Object.assign(this.#known, news);
    this.#list.show(problemsOf(this.#known));
  }

  /** What went wrong most since the statistics begin, and which messages did not arrive; now and then. */
  async #look(statistics) {
    if (Date.now() - this.#lookedAt < PAUSE) return;
    this.#lookedAt = Date.now();
    const messages = (status) => service.deliveries({ status, limit: MESSAGES }, { repeat: false }).then(({ deliveries }) => deliveries);
    try {
      const hasFailed = statistics.minutes.some(({ failed }) => failed > 0);
      const [{ jobs: failed }, given, pending] = await Promise.all([
        hasFailed ? jobs.list({ status: "failed", limit: FAILED }) : { jobs: [] }, messages("abandoned"), messages("pending"),
      ]);
      const beginning = beginningOf(statistics);
      this.#learn({
        failures: groupsOf(failed.filter(({ finishedAt }) => finishedAt > beginning)), abandoned: given.length,
        late: pending.filter(({ attempts, problem }) => attempts > 1 && problem),
      });
    } catch {
      // The next look will tell.
    }
  }
}
