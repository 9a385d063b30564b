// SPDX-License-Identifier: Apache-2.0
import { h, setShown, setText } from "./dom.js";
import { languageOf, percent } from "./format.js";
import { transferText } from "./news.js";

/** All items of a list together: one bar, how many are done, and how far the bytes of those are that were not left out. */
export class Summary {
  constructor() {
    this.name = h("span", { className: "name" });
    this.figures = h("span", { className: "figures" });
    this.fill = h("div", { className: "fill" });
    this.bar = h("div", { className: "track", part: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.details = h("div", { className: "details" });
    this.element = h("div", { className: "summary", part: "summary", role: "group", hidden: true },
      h("div", { className: "row" }, this.name, this.figures), this.bar, this.details);
  }

  /** `items` have `progress`, `state` and `transfer`, as upload items do. */
  show(items, texts) {
    setShown(this.element, items.length > 1);
    if (items.length < 2) return;
    const { progress, ended, failed, transfer } = together(items);
    const language = languageOf(this.element);
    setText(this.name, texts.all);
    this.element.setAttribute("aria-label", texts.all);
    this.bar.setAttribute("aria-label", texts.progressOf(texts.all));
    this.element.dataset.state = ended < items.length ? "processing" : failed ? "failed" : "completed";
    this.fill.style.inlineSize = `${progress}%`;
    this.bar.setAttribute("aria-valuenow", Math.floor(progress));
    setText(this.figures, ended < items.length ? percent(progress, language) : "");
    const words = [
      texts.done(ended - failed, items.length), failed ? texts.failures(failed) : null,
      transfer.loaded < transfer.total ? transferText(transfer, texts, language) : null,
    ].filter(Boolean).join(" \u00b7 ");
    setText(this.details, words);
    this.bar.setAttribute("aria-valuetext", `${percent(progress, language)}, ${words}`);
  }
}

/** What items say together. An item that has ended fills its part, however it ended. */
export function together(items) {
  const sum = (of) => items.reduce((total, item) => total + of(item), 0);
  const isOver = ({ state }) => ["completed", "failed", "cancelled", "error"].includes(state);
  const loaded = sum((item) => item.transfer?.loaded ?? 0);
  const total = sum((item) => item.transfer?.total ?? 0);
  const bytesPerSecond = sum((item) => (item.state === "upload" && item.transfer?.bytesPerSecond) || 0);
  return {
    progress: sum((item) => (isOver(item) ? 100 : item.progress)) / items.length,
    ended: items.filter(isOver).length,
    failed: items.filter(({ state }) => isOver({ state }) && state !== "completed").length,
    transfer: { loaded, total, bytesPerSecond, secondsLeft: bytesPerSecond > 0 ? (total - loaded) / bytesPerSecond : null },
  };
}
