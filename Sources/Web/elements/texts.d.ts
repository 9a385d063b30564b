// SPDX-License-Identifier: Apache-2.0
/** The texts of the elements; see texts.js. */
export interface Texts {
  upload: string;
  pending: string;
  blocked: string;
  scheduled: string;
  queued: string;
  processing: string;
  stopping: string;
  completed: string;
  failed: string;
  cancelled: string;
  unknown: string;
  lost: string;
  interrupted: string;
  /** The names of steps for people, by their names in the configuration. */
  steps: Record<string, string>;
  job: (jobId: string) => string;
  files: (first: string, others: number) => string;
  progressOf: (name: string) => string;
  attempt: (number: number) => string;
  attemptFailed: (number: number) => string;
  nextIn: (time: string) => string;
  startsAt: (time: string) => string;
  before: (count: number) => string;
  transferred: (loaded: string, total: string) => string;
  speed: (bytes: string) => string;
  left: (time: string) => string;
  results: string;
  cancel: string;
  retry: string;
  remove: string;
  cancelOf: (name: string) => string;
  retryOf: (name: string) => string;
  removeOf: (name: string) => string;
  choose: string;
  chooseOne: string;
  chooseFolder: string;
  drop: string;
  dropOne: string;
  uploads: string;
  all: string;
  done: (done: number, total: number) => string;
  failures: (count: number) => string;
  missing: string;
  stillSending: string;
  refusedType: (names: string, allowed: string) => string;
  refusedSize: (names: string, allowed: string) => string;
  refusedCount: (names: string, allowed: string | number) => string;
  refusedUnreadable: (names: string) => string;
  andMore: (names: string, count: number) => string;
  /** For errors that are the page's fault and not the person's; empty: the error's own message. */
  pageFault: string;
  /** Sentences for errors by their code. */
  errors: Record<string, string>;
}

export const defaultTexts: Texts;
