// SPDX-License-Identifier: Apache-2.0
/** The declarations of job-status.js. */
import type { Job, JobdClient, JobdError, Update } from "./jobd-client.js";
import type { Texts } from "./elements/texts.js";

export interface JobStatusEvents {
  "job-update": CustomEvent<Update>;
  "job-end": CustomEvent<Update>;
  "job-error": CustomEvent<{ error: JobdError }>;
}

export class JobStatusElement extends HTMLElement {
  jobId: string;
  baseUrl: string;
  readonly: boolean;
  client: JobdClient;
  get texts(): Texts;
  set texts(texts: Partial<Texts>);
  /** The newest state; null before the first. */
  readonly job: Job | null;
  addEventListener<K extends keyof JobStatusEvents>(
    type: K, listener: (this: JobStatusElement, event: JobStatusEvents[K]) => unknown, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K, listener: (this: JobStatusElement, event: HTMLElementEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "job-status": JobStatusElement;
  }
}
