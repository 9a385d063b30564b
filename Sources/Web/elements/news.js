// SPDX-License-Identifier: Apache-2.0
import { bytes, duration, timeOf } from "./format.js";
import { isBetweenAttempts, stepText } from "./texts.js";

/** Less time left is not worth a word, in seconds; it comes and goes too fast to be read. */
const SHORT = 2;

/** How far bytes are, as people read it: 3.1 MB of 24 MB, 1.2 MB/s, 0:15 left. */
export function transferText({ loaded, total, bytesPerSecond, secondsLeft }, texts, language) {
  return [
    texts.transferred(bytes(loaded, language), bytes(total, language)),
    bytesPerSecond && loaded < total ? texts.speed(bytes(bytesPerSecond, language)) : null,
    secondsLeft > SHORT ? texts.left(duration(secondsLeft * 1000)) : null,
  ].filter(Boolean).join(" \u00b7 ");
}

/** What is said of a job beside its state, as `{ step, message }`; `now` and `heardAt` are moments of this machine's clock. */
export function newsOf(update, { texts, language, place, now, heardAt }) {
  const { job, phase, status } = update;
  if (!job) return { step: "", message: "" };
  if (isBetweenAttempts(job)) return { step: "", message: texts.nextIn(duration(untilRun(job, now, heardAt))) };
  if (status === "scheduled" && job.runAt) return { step: "", message: texts.startsAt(timeOf(job.runAt, language)) };
  if (status === "queued" && Number.isInteger(place)) return { step: "", message: texts.before(place) };
  const step = phase === "process" ? stepText(job.step, texts) : "";
  // The last message of an application's own work is about what is over; jobd's says what was not done.
  const message = status === "completed" && job.runner === "application" ? "" : (job.message ?? "");
  // A step that says nothing of its own has its name as the message.
  return { step, message: message.toLowerCase() === step.toLowerCase() ? "" : message };
}

/** The service's clock may be another, so its own moments are compared with each other. */
function untilRun({ runAt, updatedAt }, now, heardAt) {
  return Date.parse(runAt) - Date.parse(updatedAt) - (now - heardAt);
}
