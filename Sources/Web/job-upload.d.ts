// SPDX-License-Identifier: Apache-2.0
/** The declarations of job-upload.js. */
import type { JobdClient, JobdError, Update } from "./jobd-client.js";
import type { Texts } from "./elements/texts.js";

/** The files of a job: Files, or only their names when they were sent before the page was loaded. */
export interface UploadedFiles {
  file: File | { name: string };
  files: (File | { name: string })[];
}

export interface JobUploadEvents {
  "job-update": CustomEvent<Update & UploadedFiles>;
  "job-end": CustomEvent<Update & UploadedFiles>;
  "job-error": CustomEvent<UploadedFiles & { error: JobdError }>;
}

export class JobUploadElement extends HTMLElement {
  static readonly formAssociated: true;
  baseUrl: string;
  accept: string;
  /** Such as 20MB. */
  maxSize: string;
  maxFiles: string;
  jobType: string;
  name: string;
  remember: string;
  /** The upload's part of the one bar, in percent. */
  uploadShare: string;
  single: boolean;
  folder: boolean;
  /** Whether all files that are chosen at once are one job. */
  together: boolean;
  disabled: boolean;
  required: boolean;
  metadata: Record<string, unknown> | ((file: File) => Record<string, unknown>);
  client: JobdClient;
  get texts(): Texts;
  set texts(texts: Partial<Texts>);
  /** The ids of the jobs that it shows: its value in a form. */
  readonly jobIds: string[];
  readonly form: HTMLFormElement | null;
  readonly labels: NodeList;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  checkValidity(): boolean;
  reportValidity(): boolean;
  /** Takes files as if they had been dropped. */
  add(files: Iterable<File>): void;
  addEventListener<K extends keyof JobUploadEvents>(
    type: K, listener: (this: JobUploadElement, event: JobUploadEvents[K]) => unknown, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K, listener: (this: JobUploadElement, event: HTMLElementEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "job-upload": JobUploadElement;
  }
}
