// SPDX-License-Identifier: Apache-2.0
import { h, setShown, setText } from "./dom.js";
import { droppedFiles } from "./dropped.js";

/** Where files are chosen or dropped; `onFiles(files)` is told which, `onUnreadable(names)` what cannot be read. */
export class DropZone {
  #on;
  #isDisabled = false;

  constructor(on) {
    this.#on = on;
    this.input = h("input", { type: "file", className: "visually-hidden", onchange: () => this.#take() });
    this.choose = h("strong", { part: "choose" });
    this.hint = h("span", { part: "hint" });
    this.label = h("label", { className: "zone", part: "zone" }, this.input, this.choose, this.hint);
    this.refused = h("p", { className: "refused", part: "refused", role: "alert", dir: "auto", hidden: true });
    this.element = h("div", {}, this.label, this.refused);
    this.label.ondragenter = this.label.ondragover = (event) => this.#over(event, true);
    this.label.ondragleave = (event) => this.#over(event, false);
    this.label.ondrop = (event) => this.#drop(event);
  }

  show({ texts, accept, isSingle, isFolder, isDisabled }) {
    this.#isDisabled = isDisabled;
    Object.assign(this.input, { multiple: !isSingle, accept, disabled: isDisabled, webkitdirectory: isFolder });
    this.label.toggleAttribute("data-disabled", isDisabled);
    setText(this.choose, isFolder ? texts.chooseFolder : isSingle ? texts.chooseOne : texts.choose);
    setText(this.hint, isSingle && !isFolder ? texts.dropOne : texts.drop);
  }

  /** Says which files were not taken, and why; nothing when all were. */
  complain(sentences) {
    setText(this.refused, sentences.join(" "));
    setShown(this.refused, sentences.length > 0);
  }

  /** A page loses itself when a file is dropped beside the zone: the browser would open it. To be called for drags of the window. */
  static guard(event) {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  }

  #take() {
    const files = [...this.input.files];
    // So that the same file can be chosen again.
    this.input.value = "";
    if (files.length) this.#on.onFiles(files);
  }

  #over(event, isOver) {
    event.preventDefault();
    this.label.classList.toggle("over", isOver && !this.#isDisabled);
    if (this.#isDisabled && event.dataTransfer) event.dataTransfer.dropEffect = "none";
  }

  async #drop(event) {
    this.#over(event, false);
    if (this.#isDisabled) return;
    const unreadable = [];
    const files = await droppedFiles(event.dataTransfer, (name) => unreadable.push(name));
    this.#on.onFiles(files, unreadable);
  }
}
