import { bytes } from "../jobd/elements/format.js";
import { listAddress, viewAddress } from "./address.js";
import { about, counted, periodOf } from "./words.js";

/** Less room than this on the disk is worth a word, in bytes, and less than this part of what is stored. */
const LITTLE_ROOM = 1_000_000_000;
/** So long a wait for a slot is worth a word, in milliseconds. */
const LONG_WAIT = 60_000;
/** Minutes that count as now. */
const NOW = 5;

/**
 * What is wrong with the service now, the worst first: `{ kind, text, advice, href?, pausedQueue? }`.
 *
 * `trouble` is why no job could be created and run, or null; `statistics` what the service says of itself, or null, and
 * `before` what it said before, so that nothing is said of what lasts a moment; `failures` the errors since the statistics begin, in groups;
 * `abandoned` how many messages to webhooks were given up; `late` those that were tried in vain and are tried again.
 */
export function problemsOf({ trouble = null, statistics = null, before = null, failures = [], abandoned = 0, late = [], now = Date.now() }) {
  return [
    trouble && { kind: "trouble", text: trouble, advice: "jobctl doctor on the server says more." },
    ...(statistics ? [roomOf(statistics.storage), ...statistics.queues.map((queue) => queueProblem(queue, before?.queues.find(({ name }) => name === queue.name), statistics.minutes, now))] : []),
    failuresOf(statistics, failures),
    late.length > 0 && {
      kind: "late", text: `${counted(late.length, "message does", "messages do")} not arrive at ${[...new Set(late.map(({ webhook }) => webhook))].join(", ")}: ${late[0].problem}`,
      advice: "They are tried again for three days.", href: viewAddress("webhooks"),
    },
    abandoned && {
      kind: "webhooks", text: `${counted(abandoned, "message", "messages")} to webhooks could not be delivered.`,
      advice: "See what the receivers answered, and send them again.", href: viewAddress("webhooks"),
    },
  ].filter(Boolean);
}

function roomOf({ freeBytes }) {
  if (!(freeBytes < LITTLE_ROOM)) return null;
  return { kind: "disk", text: `Only ${bytes(freeBytes, "en")} are free on the disk.`, advice: "Uploads will be refused. Delete jobs that nobody needs, or give the service more room." };
}

function queueProblem({ name, width, running, queued, paused, oldestQueuedAt }, before, minutes, now) {
  if (!queued) return null;
  const href = listAddress({ status: ["queued"], queue: name });
  const wait = counted(queued, "job waits", "jobs wait");
  if (paused) return { kind: "paused", text: `The queue ${name} is paused, and ${wait}.`, advice: "Resume it when what it was paused for is over.", href, pausedQueue: name };
  if (!running && before && !before.running && before.queued) return { kind: "idle", text: `${wait} in the queue ${name}, and none runs.`, advice: "If it stays so, start a worker for their type, or open one to see why it waits.", href };
  // Of those that have a slot by now, and of the one that waits longest: while nothing ends, nothing gets a slot.
  const longest = Math.max(oldestQueuedAt ? now - Date.parse(oldestQueuedAt) : 0, ...minutes.slice(-NOW).map(({ waitMs }) => waitMs.p95 ?? 0));
  if (running < width || longest < LONG_WAIT) return null;
  return {
    kind: "full", text: `The queue ${name} is full: ${wait}, up to ${about(longest / 1000).replace("about ", "")}.`,
    advice: "Give it more slots (queues.NAME.width) if the machine can run more.", href,
  };
}

function failuresOf(statistics, failures) {
  const failed = (statistics?.minutes ?? []).reduce((sum, minute) => sum + minute.failed, 0);
  if (!failed) return null;
  const [worst] = failures;
  const text = `${counted(failed, "job", "jobs")} failed ${periodOf(statistics)}`;
  return {
    kind: "failures", href: viewAddress("errors"), advice: "Open the errors, and retry the jobs whose cause is gone.",
    text: worst && worst.count > 1 ? `${text}, ${worst.count >= failed ? "all" : `${worst.count.toLocaleString("en")} of them`} alike: ${firstSentence(worst.message)}` : `${text}.`,
  };
}

function firstSentence(text) {
  const [first] = text.split(/(?<=[.!?])\s/);
  return first.length > 160 ? `${first.slice(0, 160)}…` : first;
}
