// SPDX-License-Identifier: Apache-2.0
/**
 * `<job-upload>`: a place to drop files or folders or choose them; each is uploaded and processed as a job, with one bar.
 *
 *     <script type="module" src="/jobd/job-upload.js"></script>
 *     <job-upload name="contracts" required></job-upload>
 *
 * Attributes, which are properties, too: `base-url`, `accept`, `max-size`, `max-files`, `job-type`, `single`, `folder`,
 * `together` (all files that are chosen at once are one job), `upload-share`, `disabled`, `remember`, `name`, `required`.
 * Properties: `metadata` (an object, or a function of a File that gives one), `texts`, `client`, `jobIds`. Events, which
 * bubble: `job-update` and `job-end` with `{ ...update, file, files }` in `detail`, `job-error` with `{ error, file, files }`.
 * Methods: `add(files)`, `focus()`, and those of form controls. Styling: as of `<job-status>`, and the parts zone, choose,
 * hint, refused, summary, jobs. Browser.md says what each is for.
 */
import { JobdError } from "./client/errors.js";
import { chosen, countOf, namesOf, sizeOf } from "./elements/chosen.js";
import { h } from "./elements/dom.js";
import { DropZone } from "./elements/drop-zone.js";
import { define, reflect } from "./elements/element.js";
import { FormControlElement } from "./elements/form-control.js";
import { bytes, languageOf } from "./elements/format.js";
import { Remembered } from "./elements/remembered.js";
import { Summary } from "./elements/summary.js";
import { Turns } from "./elements/turns.js";
import { UploadItem } from "./elements/upload-item.js";

/** Files that are sent at the same time; a browser has six connections. */
const PARALLEL = 2;

const strings = {
  baseUrl: "base-url", accept: "accept", maxSize: "max-size", maxFiles: "max-files", jobType: "job-type", name: "name",
  remember: "remember", uploadShare: "upload-share",
};
const booleans = { single: "single", folder: "folder", together: "together", disabled: "disabled", required: "required" };

export class JobUploadElement extends FormControlElement {
  static observedAttributes = [...Object.values(strings), ...Object.values(booleans)];
  static settable = [...Object.keys(strings), ...Object.keys(booleans), "client", "texts", "metadata"];

  #metadata = {};
  #zone = null;
  #list = h("ul", { className: "jobs", part: "jobs" });
  #summary = new Summary();
  #turns = new Turns(PARALLEL);
  #items = new Set();
  #clock = null;
  #frame = null;

  /** An object, or a function of a File that gives one. */
  get metadata() {
    return this.#metadata;
  }

  set metadata(metadata) {
    this.#metadata = metadata ?? {};
  }

  /** The ids of the jobs that it shows. */
  get jobIds() {
    return [...this.#items].map(({ jobId }) => jobId).filter(Boolean);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#zone ??= this.#built();
    this.#draw();
    if (!this.#items.size) this.#restore();
    addEventListener("beforeunload", this.#warn);
    addEventListener("dragover", DropZone.guard);
    addEventListener("drop", DropZone.guard);
    this.#clock = setInterval(() => this.#tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
    removeEventListener("beforeunload", this.#warn);
    removeEventListener("dragover", DropZone.guard);
    removeEventListener("drop", DropZone.guard);
  }

  attributeChangedCallback(name, before, after) {
    super.attributeChangedCallback(name, before, after);
    if (this.#zone) this.#draw();
  }

  textsChanged() {
    for (const item of this.#items) item.texts = this.texts;
    if (this.#zone) this.#draw();
  }

  formDisabledCallback() {
    if (this.#zone) this.#draw();
  }

  /** The jobs go on; the form begins without them. */
  formResetCallback() {
    for (const item of [...this.#items]) this.#remove(item);
  }

  focus(options) {
    this.#zone?.input.focus(options);
  }

  /** Takes files as if they had been dropped. */
  add(files) {
    this.#take([...files]);
  }

  #built() {
    const zone = new DropZone({ onFiles: (files, unreadable) => this.#take(files, unreadable) });
    this.shadowRoot.replaceChildren(zone.element, this.#summary.element, this.#list);
    // A label of the page that is pressed.
    this.addEventListener("click", (event) => event.composedPath()[0] === this && zone.input.click());
    return zone;
  }

  #draw() {
    this.#zone.show({ texts: this.texts, accept: this.accept, isSingle: this.single, isFolder: this.folder, isDisabled: this.isDisabled });
    this.#list.setAttribute("aria-label", this.texts.uploads);
    this.#changed();
  }

  #take(files, unreadable = []) {
    if (this.isDisabled || !this.#zone) return;
    for (const item of [...this.#items]) if (files.some((file) => item.isAbout(file))) this.#remove(item);
    const { taken, refused } = chosen(files, { accept: this.accept, maxSize: sizeOf(this.maxSize), maxFiles: this.#room() });
    this.#complain(refused, unreadable);
    if (!taken.length) return;
    for (const job of this.together ? [taken] : taken.map((file) => [file])) this.#show(job).start();
  }

  /** How many more files may come; null when any number may. */
  #room() {
    const most = countOf(this.maxFiles);
    const left = most === null ? null : Math.max(0, most - [...this.#items].reduce((sum, { count }) => sum + count, 0));
    return this.single ? Math.min(1, left ?? 1) : left;
  }

  #complain(refused, unreadable) {
    const { texts } = this;
    const of = (reason) => refused.filter((one) => one.reason === reason).map(({ file }) => file);
    const rules = {
      refusedType: [of("type"), this.accept], refusedSize: [of("size"), bytes(sizeOf(this.maxSize) ?? 0, languageOf(this))],
      refusedCount: [of("count"), this.single ? 1 : this.maxFiles], refusedUnreadable: [unreadable.map((name) => ({ name })), ""],
    };
    this.#zone.complain(Object.entries(rules).filter(([, [files]]) => files.length)
      .map(([text, [files, allowed]]) => texts[text](namesOf(files, texts), allowed)));
    for (const { file, reason } of refused) {
      this.tell("job-error", { error: new JobdError(`file-${reason}`, "The file was not taken."), file, files: [file] });
    }
  }

  /** An item of the list; files are Files, or have only their names when they were sent before the page was loaded. */
  #show(files, jobId = null) {
    const [file] = files;
    const about = () => ({ jobId, name: file.name, size: file.size });
    const metadata = typeof this.metadata === "function" && file instanceof Blob ? this.metadata(file) : this.metadata;
    const item = new UploadItem(files, {
      client: this.client, texts: this.texts,
      options: {
        jobType: this.jobType || undefined, metadata, remember: this.hasAttribute("remember"), uploadShare: this.uploadShare || undefined,
      },
      tell: (name, detail) => this.tell(name, detail),
      enqueue: (begin) => this.#turns.enqueue(begin),
      begun: (id) => {
        jobId = id;
        this.#remembered?.add(about());
      },
      changed: () => this.#changed(),
      remove: () => {
        this.#remembered?.remove(about());
        this.#remove(item);
        this.focus();
      },
    });
    this.#items.add(item);
    this.#list.append(item.element);
    if (file instanceof Blob && files.length === 1) this.#remembered?.begin(about());
    return item;
  }

  get #remembered() {
    return this.hasAttribute("remember") ? new Remembered(this.remember) : null;
  }

  #restore() {
    for (const { jobId, name, size } of this.#remembered?.entries ?? []) {
      const item = this.#show([{ name, size }], jobId);
      if (jobId) item.resume(jobId);
      else item.interrupt();
    }
  }

  /** Asks before the page goes while something of a file is still to be sent. */
  #warn = (event) => {
    if ([...this.#items].some((item) => item.isSending)) event.preventDefault();
  };

  /** Once for all changes before the next frame; of five hundred files there are many. */
  #changed() {
    this.#frame ??= setTimeout(() => {
      this.#frame = null;
      this.#summary.show([...this.#items], this.texts);
      this.showValue({ jobIds: this.jobIds, isSending: [...this.#items].some((item) => item.isSending), anchor: this.#zone?.input });
    }, 50);
  }

  #tick() {
    for (const item of this.#items) item.tick();
    this.#summary.show([...this.#items], this.texts);
  }

  #remove(item) {
    item.close();
    this.#items.delete(item);
    item.element.remove();
    this.#changed();
  }
}

reflect(JobUploadElement, { strings, booleans });
define("job-upload", JobUploadElement);
