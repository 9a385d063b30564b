// SPDX-License-Identifier: Apache-2.0
/** The declarations of jobd-client.js. */

export type JobStatus = "pending" | "blocked" | "scheduled" | "queued" | "processing" | "completed" | "failed" | "cancelled";

export interface JobFile {
  fileId: string;
  name: string;
  /** Bytes. */
  size: number;
  mediaType: string;
  /** 64 hexadecimal digits; null in a job whose file is an upload that has not come whole. */
  sha256: string | null;
}

export interface Artifact {
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  sha256: string;
  /** From the base on; `artifactUrl` gives the whole address. */
  href: string;
}

export interface JobFailure {
  code: string;
  message: string;
  step?: string;
  exitCode?: number;
  signal?: string;
  cause?: string;
}

/** How a run went that another has followed, or will follow. */
export interface EarlierAttempt {
  run: number | null;
  attempt: number;
  startedAt: string | null;
  finishedAt: string;
  error: JobFailure | null;
}

/** A job; moments are RFC 3339 in UTC with milliseconds. */
export interface Job {
  jobId: string;
  jobType: string;
  /** Whose job it is; null when nobody's. */
  owner: string | null;
  status: JobStatus;
  /** 0 to 100. */
  progress: number;
  step: string | null;
  message: string | null;
  queue: string;
  priority: number;
  /** How often it was started; 0 before the first time, and after a retry. */
  attempt: number;
  /** Starts that were lost, and starts that were given back. */
  crashes: number;
  releases: number;
  /** The number of the last start; never given twice. Null before the first. */
  run: number | null;
  maxAttempts: number;
  runner: "jobd" | "application" | "worker" | null;
  /** What the worker that runs or ran it calls itself. */
  worker: string | null;
  /** Rises with every change. */
  version: number;
  createdAt: string;
  updatedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  runAt: string | null;
  /** When the lease of the application or the worker that runs it ends, unless it is heard before. */
  leaseExpiresAt: string | null;
  cancelRequestedAt: string | null;
  /** A queue runs at most `perKey` jobs with the same key at a time. */
  limitKey: string | null;
  /** While this job has not ended, a create with the same key returns it. */
  dedupeKey: string | null;
  /** The ids of the jobs for whose end it waits. */
  after: string[] | null;
  batchId: string | null;
  /** The name of the schedule that made it. */
  schedule: string | null;
  /** The runs before the present one, oldest first, at most 20. Not in lists. */
  earlierAttempts?: EarlierAttempt[];
  files: JobFile[];
  metadata: Record<string, unknown>;
  error: JobFailure | null;
  /** Not in lists. */
  result?: unknown;
  /** Not in lists. */
  artifacts?: Artifact[];
}

/** What is shown of a job, from the first byte of its file to its end. */
export interface Update {
  phase: "upload" | "wait" | "process" | "end";
  /** The one bar, 0 to 100. It goes back only with a new attempt. */
  progress: number;
  /** Null before there is a job. */
  status: JobStatus | null;
  /** 0 before there is a job. */
  version: number;
  /** 0 before there is a job. */
  attempt: number;
  job: Job | null;
  /** Whether the service cannot be reached just now: an upload or its start is tried again. */
  isLost: boolean;
}

export interface ClientOptions {
  /** What stands before `/api` and `/jobd`; empty or left out: the page's origin. Outside of pages it is needed. */
  baseUrl?: string;
  /** How long a job that is followed may not exist yet, in milliseconds (5000). */
  creationGraceMs?: number;
  /** How long to wait before a job is followed, in milliseconds (0: the service waits). */
  initialDelayMs?: number;
  /** Whether tabs share one stream, where the browser can (true). A client that shows who it is has one of its own. */
  shared?: boolean;
  /** Sent with every request, such as a CSRF token; a function is asked for each. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /** As of `fetch`: `include` sends cookies to another origin. */
  credentials?: RequestCredentials;
  /** In the place of the global one. */
  fetch?: typeof fetch;
  /** Sent as `Authorization: Bearer`; a function is asked for a new one when the service refuses it (401). */
  token?: string | (() => string | Promise<string>);
}

export interface RequestOptions {
  /** Ends the request; its promise fails with the signal's reason. */
  signal?: AbortSignal;
}

/** How far bytes are that are sent. */
export interface Transfer {
  loaded: number;
  total: number;
  /** Of the last seconds; null while it is not known. */
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

export interface UploadOptions extends RequestOptions {
  /** The file's name, where it has none of its own. */
  name?: string;
  /** Percent, 0 to 100; never goes back. */
  onProgress?: (percent: number, transfer: Transfer) => void;
  /**
   * Whether the browser keeps how far a file above 8 MiB came (false), so that the same file goes on there when it is chosen
   * again after a reload.
   */
  remember?: boolean;
  /** How long it is sent again while the service cannot be reached, in milliseconds (0: a few tries). */
  patienceMs?: number;
  /** Told each time that the service could not be reached. */
  onLost?: (error: JobdError) => void;
}

export interface FollowOptions extends RequestOptions {
  onUpdate?: (update: Update) => void;
  /** Told when no news can come, because the service cannot be reached, and when they can again. */
  onConnection?: (isLost: boolean) => void;
  /** After so many milliseconds the promise fails with the code `timeout`; the job goes on. No limit when left out. */
  timeoutMs?: number;
  /** A version that is known already: older states are not shown. */
  since?: number;
  creationGraceMs?: number;
  initialDelayMs?: number;
}

export interface CreateFields {
  /** An own id: sent again, it is the same job. Made when left out. */
  jobId?: string;
  jobType?: string;
  message?: string;
  metadata?: Record<string, unknown>;
  queue?: string;
  priority?: number;
  runAt?: string;
  delaySeconds?: number;
  maxAttempts?: number;
  fileIds?: string[];
  onConflict?: "reject";
}

export interface ProcessFields {
  jobId?: string;
  fileIds: string[];
  jobType?: string;
  message?: string;
  metadata?: Record<string, unknown>;
}

export interface SubmitOptions extends Omit<CreateFields, "fileIds" | "onConflict">, Omit<FollowOptions, "since" | "onUpdate"> {
  /** `transfer` is there while bytes are sent, of all files together. */
  onUpdate?: (update: Update, transfer: Transfer | null) => void;
  /** The file's name, where it has none of its own. */
  name?: string;
  /** The file's id when it has arrived already; it is not sent again. */
  fileId?: string;
  /** Of several files: the ids of those that have arrived, and null for the others. */
  fileIds?: (string | null)[];
  /** The upload's part of the one bar, in percent (30). */
  uploadShare?: number;
  /** As of `upload`. */
  remember?: boolean;
  /** How long it goes on trying while the service cannot be reached, in milliseconds (ten minutes). */
  patienceMs?: number;
}

export interface ListQuery {
  status?: JobStatus | JobStatus[] | string;
  queue?: string;
  jobType?: string;
  /** The beginning of an id, or a part of a file's name, of the message or of the error's message. */
  q?: string;
  /** Moments between which the jobs were created; the first one counts, the second does not. */
  createdSince?: string;
  createdBefore?: string;
  /** Which come first ("newest"). */
  order?: "newest" | "oldest";
  /** 1 to 500 (50). */
  limit?: number;
  cursor?: string | null;
}

export interface LogLine {
  n: number;
  at: string;
  step: string;
  stream: string;
  text: string;
}

/** Why a job does not run. */
export interface Explanation {
  jobId: string;
  status: JobStatus;
  because: string;
  /** A sentence for people, in English. */
  text: string;
  /** How many jobs are before it in its queue; null where that says nothing. */
  position: number | null;
  estimateSeconds: number | null;
  /** The jobs that it waits for. */
  by: string[];
}

/** What can be uploaded. */
export type Uploadable = Blob | ArrayBuffer | ArrayBufferView | string;

export class JobdClient {
  constructor(options?: ClientOptions);
  /** What stands before `/api`, without a slash at its end. */
  readonly baseUrl: string;
  upload(file: Uploadable, options?: UploadOptions): Promise<JobFile>;
  create(fields?: CreateFields, options?: RequestOptions): Promise<Job>;
  process(fields: ProcessFields, options?: RequestOptions): Promise<Job>;
  /**
   * Uploads one file, or several for one job, processes and follows; gives the final job, whether it completed or not. An
   * error carries the `fileIds` and the `jobId` that it came to; a submit that is given both goes on there.
   */
  submit(files: Uploadable | Uploadable[], options?: SubmitOptions): Promise<Job>;
  /** Gives the final job, whether it completed or not. */
  follow(jobId: string, options?: FollowOptions): Promise<Job>;
  get(jobId: string, options?: RequestOptions): Promise<Job>;
  /** Why a job does not run, and how many are before it in its queue. */
  explain(jobId: string, options?: RequestOptions): Promise<Explanation>;
  list(query?: ListQuery, options?: RequestOptions): Promise<{ jobs: Job[]; nextCursor: string | null }>;
  cancel(jobId: string, options?: RequestOptions & { reason?: string }): Promise<Job>;
  retry(jobId: string, options?: RequestOptions): Promise<Job>;
  delete(jobId: string, options?: RequestOptions): Promise<null>;
  logs(jobId: string, options?: RequestOptions & { after?: number; limit?: number; run?: number }): Promise<{ lines: LogLine[]; next: number }>;
  /** The bytes, fetched with what the client shows of who asks; a link of a page asks as the browser does. */
  artifact(artifact: Artifact, options?: RequestOptions): Promise<Blob>;
  artifactUrl(artifact: Artifact): string;
  /** Whether requests show nothing: neither headers nor cookies of another site nor a token. */
  readonly isPlain: boolean;
}

/** What went wrong: `code` for programs, `message` for people. */
export class JobdError extends Error {
  /** The service's own (`job-not-found`, `payload-too-large`, …), or `network`, `timeout`, or `file-unreadable`. */
  readonly code: string;
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** The service's answer (RFC 9457). */
  readonly problem: Record<string, unknown> | null;
  /** A JSON Pointer to the field at fault. */
  readonly pointer: string | null;
  readonly retryAfterMs: number | null;
  /** How far a submit came, when it was one. */
  readonly fileId?: string;
  readonly fileIds?: (string | null)[];
  readonly jobId?: string;
  /** Whether the same request may succeed later without anybody doing anything. */
  readonly isTemporary: boolean;
  /** Whether the service was not there to do anything. */
  readonly isUnreachable: boolean;
}
