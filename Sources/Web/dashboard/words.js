import { duration } from "../jobd/elements/format.js";

/** How old a moment is: 12 s, 5 min, 3 h, 9 d. */
export function age(moment, now = Date.now()) {
  const seconds = Math.max(0, Math.floor((now - Date.parse(moment)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How far off a moment is: now, in 12 s, in 5 min, in 3 h, in 9 d. */
export function until(moment, now = Date.now()) {
  const left = Date.parse(moment) - now;
  return left < 1000 ? "now" : `in ${age(new Date(now - left).toISOString(), now)}`;
}

/** A span as people read it: 40 ms, 2.4 s, 3:05. */
export function span(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "–";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return duration(milliseconds);
}

const moments = new Intl.DateTimeFormat(undefined, {
  month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit",
});

/** A moment in this machine's time. */
export function moment(text) {
  return text ? moments.format(new Date(text)) : "–";
}

const clocks = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

/** A moment as this machine's clock shows it: 14:05:09.250. */
export function clock(text) {
  return clocks.format(new Date(text));
}

const times = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

/** When the statistics begin, by the service's clock: an hour ago, or when the service started. */
export function beginningOf({ startedAt, minutes: [first] }) {
  return startedAt > first.at ? startedAt : first.at;
}

/** The period of the statistics: in the last hour, or since the service started at 14:05. */
export function periodOf(statistics) {
  const beginning = beginningOf(statistics);
  return beginning === statistics.startedAt ? `since the service started at ${times.format(new Date(beginning))}` : "in the last hour";
}

/** A number and its noun: 1 file, 2,000 files. */
export function counted(number, one, many) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** A number of seconds that nobody knows exactly: less than a second, about 40 s, about 5 min. */
export function about(seconds) {
  return seconds < 1 ? "less than a second" : `about ${age(new Date(0).toISOString(), seconds * 1000)}`;
}

/** A waiting job's place in its queue, and when its turn may come. */
export function reasonOf({ position, estimateSeconds }) {
  const place = position === null ? null : position === 0 ? "It is the next of its queue." : `${counted(position, "job", "jobs")} of its queue ${position === 1 ? "is" : "are"} before it.`;
  const time = estimateSeconds === null ? null : `It may start in ${about(estimateSeconds)}.`;
  return [place, time].filter(Boolean).join(" ");
}

/** What a job is called in a list. */
export function nameOf(job) {
  return job.files.length ? job.files.map(({ name }) => name).join(", ") : job.jobId;
}

/** What a job does or did, or waits for, in a line. */
export function newsOf(job) {
  if (job.status === "failed") return job.error?.message ?? job.error?.code ?? "";
  const step = job.status === "processing" ? job.step : null;
  // A step that says nothing of its own has its name as the message.
  const isSame = step && job.message?.toLowerCase() === step.replaceAll("-", " ").toLowerCase();
  return [waitOf(job) ?? step, isSame ? null : job.message].filter(Boolean).join(" \u00b7 ") || holderOf(job);
}

/** For what a job waits that is not to start yet, as far as it says so itself. */
function waitOf({ status, attempt, runAt, after }) {
  if (status === "scheduled" && runAt) return attempt > 0 ? `Attempt ${attempt} failed; the next is at ${moment(runAt)}` : `Starts at ${moment(runAt)}`;
  if (status !== "blocked") return null;
  if (!after?.length) return "Waits for its batch";
  return after.length > 1 ? `Waits for ${after[0]} and ${after.length - 1} more` : `Waits for ${after[0]}`;
}

/** Who runs a job elsewhere now. */
function holderOf({ status, runner, worker }) {
  return status === "processing" && runner === "worker" ? `Run by ${worker ?? "a worker"}` : "";
}

export const statusNames = {
  pending: "Pending", blocked: "Blocked", scheduled: "Scheduled", queued: "Queued", processing: "Processing",
  completed: "Completed", failed: "Failed", cancelled: "Cancelled",
};

/** A batch's counts as people read them: 3 queued, 1 failed; states that no job is in are left out. */
export function countsOf(counts) {
  return Object.entries(counts).filter(([, count]) => count > 0)
    .map(([status, count]) => `${count.toLocaleString("en")} ${status}`).join(", ") || "no jobs";
}

export const batchNames = { open: "Open", completed: "Completed", failed: "Failed" };

/** What becomes of a schedule's moments at which the service was down. */
export const missedNames = { once: "one job for all missed times", skip: "no job", all: "a job for each missed time" };

/** The priority of what comes before everything else. */
export const FIRST = 100;

/** What may be done to a job in its state. */
export function actionsOf({ status, priority, cancelRequestedAt }) {
  if (status === "failed" || status === "cancelled") return ["retry", "delete"];
  if (status === "completed") return ["delete"];
  if (cancelRequestedAt) return [];
  return status === "scheduled" || (status === "queued" && priority < FIRST) ? ["cancel", "hurry"] : ["cancel"];
}
