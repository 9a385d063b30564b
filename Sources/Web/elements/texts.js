// SPDX-License-Identifier: Apache-2.0
/** Every text that the elements show; `element.texts = { … }` replaces some or all of them. */
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

  /** The names of steps for people, by their names in the configuration; others are shown with spaces. */
  steps: {},
  /** The name of a job without files. */
  job: (jobId) => jobId,
  files: (first, others) => `${first} and ${others} more`,
  progressOf: (name) => `Progress of ${name}`,
  attempt: (number) => `attempt ${number}`,
  results: "Results",
  cancel: "Cancel",
  retry: "Try again",
  remove: "Remove",
  cancelOf: (name) => `Cancel ${name}`,
  retryOf: (name) => `Try ${name} again`,
  removeOf: (name) => `Remove ${name} from the list`,

  choose: "Choose files",
  chooseOne: "Choose a file",
  drop: "or drop them here",
  dropOne: "or drop it here",
  uploads: "Your files",

  /** Sentences for errors by their code (see JobdError); what is not here is the error's own message. */
  errors: {},
};

/** Texts with some replaced, also inside `steps` and `errors`. */
export function mergedTexts(texts = {}) {
  return {
    ...defaultTexts, ...texts, steps: { ...defaultTexts.steps, ...texts.steps },
    errors: { ...defaultTexts.errors, ...texts.errors },
  };
}

/** What a job does now, for people. */
export function stateText({ phase, status, job, isLost }, texts) {
  if (isLost) return texts.lost;
  if (phase === "upload") return texts.upload;
  if (job?.cancelRequestedAt && phase !== "end") return texts.stopping;
  return texts[status] ?? texts.unknown;
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
