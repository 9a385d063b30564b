// SPDX-License-Identifier: Apache-2.0
/**
 * `<job-upload>`: a place to drop files or choose them; each is uploaded and processed as a job, with one bar.
 *
 *     <script type="module" src="/jobd/job-upload.js"></script>
 *     <job-upload></job-upload>
 *
 * Attributes: `base-url` (what stands before `/api`; left out: the page's origin), `accept` (as of a file input),
 * `job-type`, `single` (one file at a time), `disabled`, `remember` (a key: the jobs are shown again after a reload of the
 * page, in the same tab). Properties: `metadata` (an object, or a function of a File that gives
 * one), `texts` (see elements/texts.js), `client`. Events, which bubble: `job-update` and `job-end` with the client's update and
 * the file in `detail` (`{ ...update, file }`), `job-error` (`{ error, file }`). Method: `add(files)`. Styling: as of
 * `<job-status>`, and the parts zone, choose, hint, jobs.
 */
import { JobdClient } from "./jobd-client.js";
import { h } from "./elements/dom.js";
import { elementStyle } from "./elements/style.js";
import { mergedTexts } from "./elements/texts.js";
import { Remembered } from "./elements/remembered.js";
import { UploadItem } from "./elements/upload-item.js";

/** Files that are sent at the same time; a browser has six connections. */
const PARALLEL = 2;

export class JobUploadElement extends HTMLElement {
  static observedAttributes = ["base-url", "accept", "single", "disabled"];

  /** Objects that a page may set. */
  metadata = {};
  #texts = mergedTexts();
  #client = null;
  #input;
  #zone;
  #list;
  #waiting = [];
  #sending = 0;
  #items = new Set();

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [elementStyle];
  }

  get client() {
    return (this.#client ??= new JobdClient({ baseUrl: this.getAttribute("base-url") ?? "" }));
  }

  set client(client) {
    this.#client = client;
  }

  get texts() {
    return this.#texts;
  }

  set texts(texts) {
    this.#texts = mergedTexts(texts);
    if (this.#zone) this.#build();
  }

  connectedCallback() {
    if (!this.#zone) this.#build();
    if (!this.#items.size) this.#restore();
    addEventListener("beforeunload", this.#warn);
    this.clock = setInterval(() => this.#items.forEach((item) => item.tick()), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.clock);
    removeEventListener("beforeunload", this.#warn);
  }

  attributeChangedCallback(name) {
    if (name === "base-url") this.#client = null;
    else if (this.#zone) this.#build();
  }

  /** Takes files as if they had been dropped. */
  add(files) {
    if (this.hasAttribute("disabled")) return;
    for (const file of this.hasAttribute("single") ? [...files].slice(0, 1) : files) {
      this.#show(file).start();
    }
  }

  /** An item of the list; `file` is a File, or has only its name when it was sent before the page was loaded. */
  #show(file, jobId = null) {
    const item = new UploadItem(file, {
      client: this.client, texts: this.#texts, jobType: this.getAttribute("job-type") ?? undefined,
      metadata: typeof this.metadata === "function" && file instanceof Blob ? this.metadata(file) : this.metadata,
      tell: (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })),
      enqueue: (send) => this.#enqueue(send),
      begun: (id) => this.#remembered?.add({ jobId: (jobId = id), name: file.name }),
      remove: () => {
        this.#remembered?.remove(jobId);
        this.#remove(item);
      },
    });
    this.#items.add(item);
    this.#list.append(item.element);
    return item;
  }

  get #remembered() {
    const key = this.getAttribute("remember");
    return key === null ? null : new Remembered(key);
  }

  #restore() {
    for (const { jobId, name } of this.#remembered?.entries ?? []) this.#show({ name }, jobId).resume(jobId);
  }

  /** Asks before the page goes while something of a file is still to be sent. */
  #warn = (event) => {
    if ([...this.#items].some((item) => item.isSending)) event.preventDefault();
  };

  #build() {
    const isSingle = this.hasAttribute("single");
    this.#input = h("input", {
      type: "file", className: "visually-hidden", multiple: !isSingle, accept: this.getAttribute("accept") ?? "",
      disabled: this.hasAttribute("disabled"), onchange: () => this.#take(this.#input.files),
    });
    this.#zone = h("label", { className: "zone", part: "zone" }, this.#input,
      h("strong", { part: "choose" }, isSingle ? this.#texts.chooseOne : this.#texts.choose),
      h("span", { part: "hint" }, isSingle ? this.#texts.dropOne : this.#texts.drop));
    this.#zone.ondragover = (event) => this.#drag(event, true);
    this.#zone.ondragleave = (event) => this.#drag(event, false);
    this.#zone.ondrop = (event) => {
      this.#drag(event, false);
      this.add(event.dataTransfer.files);
    };
    this.#list ??= h("ul", { className: "jobs", part: "jobs" });
    this.#list.setAttribute("aria-label", this.#texts.uploads);
    this.shadowRoot.replaceChildren(this.#zone, this.#list);
  }

  #take(files) {
    this.add(files);
    // So that the same file can be chosen again.
    this.#input.value = "";
  }

  #drag(event, isOver) {
    event.preventDefault();
    this.#zone.classList.toggle("over", isOver && !this.hasAttribute("disabled"));
  }

  /** Lets `send` begin when it is its turn; it calls what it is given once its file has been sent. */
  #enqueue(send) {
    this.#waiting.push(send);
    this.#next();
  }

  #next() {
    while (this.#sending < PARALLEL && this.#waiting.length) {
      this.#sending++;
      let isOver = false;
      this.#waiting.shift()(() => {
        if (isOver) return;
        isOver = true;
        this.#sending--;
        this.#next();
      });
    }
  }

  #remove(item) {
    this.#items.delete(item);
    item.element.remove();
    this.#input.focus();
  }
}

if (!customElements.get("job-upload")) customElements.define("job-upload", JobUploadElement);
