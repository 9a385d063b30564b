// SPDX-License-Identifier: Apache-2.0
import { JobdClient } from "../jobd-client.js";
import { languageOf } from "./format.js";
import { textsOf } from "./languages.js";
import { elementStyle } from "./style.js";
import { defaultTexts, mergedTexts } from "./texts.js";

/**
 * What the elements have in common: a client, texts in the language of the page, and properties that stand in attributes,
 * too. Where there are no elements, as in Node, it can be imported and does nothing.
 */
export class JobdElement extends (globalThis.HTMLElement ?? Object) {
  #client = null;
  #own = {};
  #language = { texts: defaultTexts };
  #texts = mergedTexts();

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [elementStyle()];
  }

  get client() {
    return (this.#client ??= new JobdClient({ baseUrl: this.getAttribute("base-url") ?? "" }));
  }

  set client(client) {
    this.#client = client ?? null;
    this.renew?.();
  }

  /** All texts as they are shown; what is set replaces those of the language. */
  get texts() {
    return this.#texts;
  }

  set texts(texts) {
    this.#own = texts ?? {};
    this.#mergeTexts();
  }

  connectedCallback() {
    // What was set before the module had run stands in the way of the properties.
    for (const name of this.constructor.settable) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#learnLanguage();
  }

  attributeChangedCallback(name, _, value) {
    if (name === "base-url") this.#client = null;
    // Frameworks write "false" where they mean that it is not there; forms would take it as there.
    if (value === "false" && this.constructor.booleanAttributes.includes(name)) this.removeAttribute(name);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  async #learnLanguage() {
    const name = languageOf(this);
    if (!name || this.#language.name === name) return;
    this.#language = { name, texts: defaultTexts };
    const texts = await textsOf(name);
    if (!texts || this.#language.name !== name) return;
    this.#language = { name, texts };
    this.#mergeTexts();
  }

  #mergeTexts() {
    this.#texts = mergedTexts(this.#language.texts, this.#own);
    this.textsChanged();
  }
}

/** Makes properties of attributes: strings, and booleans that are true while the attribute is there. */
export function reflect(Class, { strings = {}, booleans = {} }) {
  Class.booleanAttributes = Object.values(booleans);
  for (const [name, attribute] of Object.entries(strings)) {
    property(Class, name, function () {
      return this.getAttribute(attribute) ?? "";
    }, function (value) {
      if (value === null || value === undefined) this.removeAttribute(attribute);
      else this.setAttribute(attribute, value);
    });
  }
  for (const [name, attribute] of Object.entries(booleans)) {
    property(Class, name, function () {
      return this.hasAttribute(attribute);
    }, function (value) {
      this.toggleAttribute(attribute, Boolean(value) && value !== "false");
    });
  }
}

function property(Class, name, get, set) {
  Object.defineProperty(Class.prototype, name, { get, set, enumerable: true, configurable: true });
}

/** Names an element, where there are elements and it has no name yet. */
export function define(name, Class) {
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, Class);
}
