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
import { DropZone } from "./elements/drop-zone.js";
import { define, reflect } from "./elements/element.js";
import { FormControlElement } from "./elements/form-control.js";
import { bytes, languageOf } from "./elements/format.js";
import { UploadList } from "./elements/upload-list.js";

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
  #list = new UploadList(this, { optionsFor: (file) => this.#optionsFor(file), changed: () => this.#showJobs() });
  #clock = null;

  /** An object, or a function of a File that gives one. */
  get metadata() {
    return this.#metadata;
  }

  set metadata(metadata) {
    this.#metadata = metadata ?? {};
  }

  /** The ids of the jobs that it shows. */
  get jobIds() {
    return this.#list.jobIds;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#zone ??= this.#built();
    this.#draw();
    this.#list.restore();
    addEventListener("beforeunload", this.#warn);
    addEventListener("dragover", DropZone.guard);
    addEventListener("drop", DropZone.guard);
    this.#clock = setInterval(() => this.#list.tick(), 1000);
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
    if (this.#zone) this.#draw();
  }

  formDisabledCallback() {
    if (this.#zone) this.#draw();
  }

  /** The jobs go on; the form begins without them. */
  formResetCallback() {
    this.#list.clear();
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
    this.shadowRoot.replaceChildren(zone.element, ...this.#list.elements);
    // A label of the page that is pressed.
    this.addEventListener("click", (event) => event.composedPath()[0] === this && zone.input.click());
    return zone;
  }

  #draw() {
    this.#zone.show({ texts: this.texts, accept: this.accept, isSingle: this.single, isFolder: this.folder, isDisabled: this.isDisabled });
    this.#list.texts = this.texts;
    this.#list.changed();
  }

  /** Its value in a form. */
  #showJobs() {
    this.showValue({ jobIds: this.jobIds, isSending: this.#list.isSending, anchor: this.#zone?.input });
  }

  /** How a file is submitted that is chosen now, or was sent before the page was loaded. */
  #optionsFor(file) {
    return {
      jobType: this.jobType || undefined, remember: this.hasAttribute("remember"), uploadShare: this.uploadShare || undefined,
      metadata: typeof this.metadata === "function" && file instanceof Blob ? this.metadata(file) : this.metadata,
    };
  }

  #take(files, unreadable = []) {
    if (this.isDisabled || !this.#zone) return;
    this.#list.forget(files);
    const { taken, refused } = chosen(files, { accept: this.accept, maxSize: sizeOf(this.maxSize), maxFiles: this.#room() });
    this.#complain(refused, unreadable);
    if (!taken.length) return;
    for (const job of this.together ? [taken] : taken.map((file) => [file])) this.#list.start(job);
  }

  /** How many more files may come; null when any number may. */
  #room() {
    const most = countOf(this.maxFiles);
    const left = most === null ? null : Math.max(0, most - this.#list.count);
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

  /** Asks before the page goes while something of a file is still to be sent. */
  #warn = (event) => {
    if (this.#list.isSending) event.preventDefault();
  };
}

reflect(JobUploadElement, { strings, booleans });
define("job-upload", JobUploadElement);
