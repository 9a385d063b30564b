import { h } from "../jobd/elements/dom.js";
import { batchAddress, jobAddress } from "./address.js";
import { age, moment, span, until } from "./words.js";

const runners = { jobd: "this service", application: "the application", worker: "a worker" };

/** Who runs or ran a job; null before its first start. */
export function runnerOf({ runner, worker }) {
  return worker ? `worker ${worker}` : (runners[runner] ?? runner);
}

/** What a job's page says of it beside its state: names and values, a value that leads elsewhere as `{ text, href }`. */
export function factsOf(job, now = Date.now()) {
  const end = job.finishedAt ? Date.parse(job.finishedAt) : now;
  const started = job.startedAt ? Date.parse(job.startedAt) : null;
  const isHeld = job.status === "processing" && job.leaseExpiresAt;
  return [
    ["Id", job.jobId], ["Type", job.jobType], ["Queue", job.queue], ["Owner", job.owner], ["Priority", job.priority],
    ["Attempt", `${job.attempt} of ${job.maxAttempts + job.crashes + job.releases}`],
    ["Crashes", job.crashes || null], ["Given back", job.releases || null], ["Run by", runnerOf(job)],
    ["Lease ends", isHeld ? until(job.leaseExpiresAt, now) : null],
    ["After", (job.after ?? []).map((jobId) => ({ text: jobId, href: jobAddress(jobId) }))],
    ["Batch", job.batchId && { text: job.batchId, href: batchAddress(job.batchId) }],
    ["Schedule", job.schedule && { text: job.schedule, href: "./?view=schedules" }],
    ["Limit key", job.limitKey], ["Dedupe key", job.dedupeKey],
    ["Created", ago(job.createdAt, now)], ["Runs at", job.runAt && `${moment(job.runAt)}, ${until(job.runAt, now)}`],
    ["Waited", span((started ?? end) - Date.parse(job.runAt ?? job.createdAt))],
    ["Ran", started === null ? null : span(end - started)], ["Finished", job.finishedAt && ago(job.finishedAt, now)],
    ["Cancel asked", job.cancelRequestedAt && ago(job.cancelRequestedAt, now)], ["Version", job.version],
  ];
}

/** A moment, and how long ago it was. */
function ago(text, now) {
  return `${moment(text)}, ${age(text, now)} ago`.replace(/ (?=\S+ ago$)| (?=ago$)/g, "\u00a0");
}

/** Names and values; what there is none of is left out. */
export function list(facts) {
  return h("dl", { className: "facts" }, rows(facts));
}

/** Shows other facts in a list; those that are as before stay, and what somebody has selected in them. */
export function showFacts(element, facts) {
  const key = JSON.stringify(facts);
  if (element.key === key) return;
  element.key = key;
  const fresh = rows(facts);
  fresh.forEach((row, index) => {
    const before = element.children[index];
    if (!before) element.append(row);
    else if (!before.isEqualNode(row)) before.replaceWith(row);
  });
  while (element.childElementCount > fresh.length) element.lastElementChild.remove();
}

function rows(facts) {
  return facts.map(([name, value]) => [name, [value].flat().filter((one) => one !== null && one !== undefined && one !== "")])
    .filter(([, values]) => values.length)
    .map(([name, values]) => h("div", {}, h("dt", {}, name), values.map((value) =>
      h("dd", { dir: "auto" }, value.href ? h("a", { href: value.href }, value.text) : String(value)))));
}
