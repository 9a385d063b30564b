// SPDX-License-Identifier: Apache-2.0
import { h } from "./dom.js";
import { Remembered } from "./remembered.js";
import { Summary } from "./summary.js";
import { Turns } from "./turns.js";
import { UploadItem } from "./upload-item.js";

/** Files that are sent at the same time; a browser has six connections. */
const PARALLEL = 2;

/** The jobs of a `<job-upload>`: what has been chosen, and with `remember` what was sent before the page was loaded. */
export class UploadList {
  #host;
  #given;
  #items = new Set();
  #turns = new Turns(PARALLEL);
  #summary = new Summary();
  #list = h("ul", { className: "jobs", part: "jobs" });
  #frame = null;

  /** `host` is the element; `given` has `optionsFor(file)`, as a submit takes them, and `changed()`. */
  constructor(host, given) {
    this.#host = host;
    this.#given = given;
    this.elements = [this.#summary.element, this.#list];
  }

  get jobIds() {
    return [...this.#items].map(({ jobId }) => jobId).filter(Boolean);
  }

  /** How many files there are. */
  get count() {
    return [...this.#items].reduce((sum, { count }) => sum + count, 0);
  }

  /** Whether something of a file is still to be sent. */
  get isSending() {
    return [...this.#items].some((item) => item.isSending);
  }

  /** Sends files as one job. */
  start(files) {
    this.#add(files).start();
  }

  /** Shows again what was sent before the page was loaded, once. */
  restore() {
    if (this.#items.size) return;
    for (const { jobId, name, size } of this.#remembered?.entries ?? []) {
      const item = this.#add([{ name, size }], jobId);
      if (jobId) item.resume(jobId);
      else item.interrupt();
    }
  }

  /** What was not sent to its end goes when its file is chosen again. */
  forget(files) {
    for (const item of [...this.#items]) if (files.some((file) => item.isAbout(file))) this.#remove(item);
  }

  clear() {
    for (const item of [...this.#items]) this.#remove(item);
  }

  /** Shows everything in other words. */
  set texts(texts) {
    for (const item of this.#items) item.texts = texts;
    this.#list.setAttribute("aria-label", texts.uploads);
  }

  /** Once for all changes before the next frame; of five hundred files there are many. */
  changed() {
    this.#frame ??= setTimeout(() => {
      this.#frame = null;
      this.#summarise();
      this.#given.changed();
    }, 50);
  }

  /** To be called once a second while it is in sight. */
  tick() {
    for (const item of this.#items) item.tick();
    this.#summarise();
  }

  #summarise() {
    this.#summary.show([...this.#items], this.#host.texts);
  }

  /** An item; files are Files, or have only their names when they were sent before the page was loaded. */
  #add(files, jobId = null) {
    const host = this.#host;
    const [file] = files;
    const about = () => ({ jobId, name: file.name, size: file.size });
    const item = new UploadItem(files, {
      client: host.client, texts: host.texts, options: this.#given.optionsFor(file),
      tell: (name, detail) => host.tell(name, detail),
      enqueue: (begin) => this.#turns.enqueue(begin),
      begun: (id) => {
        jobId = id;
        this.#remembered?.add(about());
      },
      changed: () => this.changed(),
      remove: () => {
        this.#remembered?.remove(about());
        this.#remove(item);
        host.focus();
      },
    });
    this.#items.add(item);
    this.#list.append(item.element);
    if (file instanceof Blob && files.length === 1) this.#remembered?.begin(about());
    return item;
  }

  get #remembered() {
    return this.#host.hasAttribute("remember") ? new Remembered(this.#host.remember) : null;
  }

  #remove(item) {
    item.close();
    this.#items.delete(item);
    item.element.remove();
    this.changed();
  }
}
