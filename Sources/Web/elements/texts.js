// SPDX-License-Identifier: Apache-2.0
/**
 * Every text that the elements show, in English; those of other languages are in /jobd/locales/. `element.texts = { … }`
 * replaces some or all of them.
 */
export const defaultTexts = {
  upload: "Uploading",
  pending: "Waiting for its files",
  blocked: "Waiting for other jobs",
  scheduled: "Waiting for its time",
  queued: "Waiting for its turn",
  processing: "Processing",
  stopping: "Stopping",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
  unknown: "Waiting for news",
  lost: "Connection lost; trying again",
  interrupted: "Not sent. Choose the file again to go on",

  /** The names of steps for people, by their names in the configuration; others are shown with spaces. */
  steps: {},
  /** The name of a job without files. */
  job: (jobId) => jobId,
  files: (first, others) => `${first} and ${others} more`,
  progressOf: (name) => `Progress of ${name}`,
  attempt: (number) => `attempt ${number}`,
  /** Between two attempts; `time` is 0:12, or a time of the day. */
  attemptFailed: (number) => `Attempt ${number} failed`,
  nextIn: (time) => `next try in ${time}`,
  startsAt: (time) => `starts at ${time}`,
  /** The place in its queue; `count` jobs are before it. */
  before: (count) => (count === 0 ? "next in line" : count === 1 ? "1 before it" : `${count} before it`),
  transferred: (loaded, total) => `${loaded} of ${total}`,
  speed: (bytes) => `${bytes}/s`,
  left: (time) => `${time} left`,
  results: "Results",
  cancel: "Cancel",
  retry: "Try again",
  remove: "Remove",
  cancelOf: (name) => `Cancel ${name}`,
  retryOf: (name) => `Try ${name} again`,
  removeOf: (name) => `Remove ${name} from the list`,

  choose: "Choose files",
  chooseOne: "Choose a file",
  chooseFolder: "Choose a folder",
  drop: "or drop them here",
  dropOne: "or drop it here",
  uploads: "Your files",
  all: "All files",
  done: (done, total) => `${done} of ${total} done`,
  failures: (count) => `${count} failed`,
  missing: "Choose a file.",
  stillSending: "Wait until all files have been sent.",

  /** Files that were not taken: `names` is a text, `allowed` the rule. */
  refusedType: (names, allowed) => `Not taken: ${names}. Choose files of the kind ${allowed}.`,
  refusedSize: (names, allowed) => `Not taken: ${names}. A file may have ${allowed} at most.`,
  refusedCount: (names, allowed) => `Not taken: ${names}. There may be ${allowed} at most.`,
  refusedUnreadable: (names) => `Not taken: ${names} cannot be read.`,
  andMore: (names, count) => `${names} and ${count} more`,

  /** For errors that are the page's fault and not the person's (`pageFaults`); empty: the error's own message, which is for developers. */
  pageFault: "",
  /** Sentences for errors by their code (see JobdError, and the errors of jobs); what is not here is the error's own message. */
  errors: {},
};

/** Texts with some replaced, also inside `steps` and `errors`; later ones win. */
export function mergedTexts(...all) {
  const merged = { ...defaultTexts };
  for (const texts of all) {
    Object.assign(merged, texts, {
      steps: { ...merged.steps, ...texts.steps }, errors: { ...merged.errors, ...texts.errors },
    });
  }
  return merged;
}

/** What a job does now, for people. */
export function stateText({ phase, status, job, isLost }, texts) {
  if (isLost) return texts.lost;
  if (phase === "upload") return texts.upload;
  if (job?.cancelRequestedAt && phase !== "end") return texts.stopping;
  if (isBetweenAttempts(job)) return texts.attemptFailed(job.attempt);
  return texts[status] ?? texts.unknown;
}

/** Whether a job has failed and will be tried again. */
export function isBetweenAttempts(job) {
  return job?.status === "scheduled" && job.attempt > 0;
}

/** A step's name for people. */
export function stepText(step, texts) {
  if (!step) return "";
  const words = step.replaceAll("-", " ");
  return texts.steps[step] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a job is called. */
export function jobName(job, texts) {
  const [first, ...others] = job.files ?? [];
  if (!first) return texts.job(job.jobId);
  return others.length ? texts.files(first.name, others.length) : first.name;
}

/** What a step may have said of itself, instead of which the service has a sentence of its own. */
const saidBySteps = ["exit", "signal", "timeout", "silence", "memory", "output-limit", "lost"];

/** The codes of requests that no person can put right. */
export const pageFaults = [
  "invalid-request", "not-found", "artifact-not-found", "queue-not-found", "schedule-not-found", "batch-not-found", "delivery-not-found",
  "method-not-allowed", "lease-lost", "offset-conflict", "precondition-failed", "range-not-satisfiable", "misdirected-request",
];

/** What went wrong with a request, for people: the sentence for its code, else the error's own. */
export function errorText({ code, message }, texts) {
  return texts.errors[code] ?? ((pageFaults.includes(code) && texts.pageFault) || message);
}

/** Why a job failed, for people: the sentence for its code, but not where the step itself said what is wrong. */
export function failureText(error, texts) {
  if (!error) return null;
  const isOwn = saidBySteps.includes(error.code) && error.message && !/operator of this service|exit code \d/.test(error.message);
  return (isOwn ? null : texts.errors[error.code]) ?? (error.message || error.code);
}
