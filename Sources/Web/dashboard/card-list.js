import { h, setText } from "../jobd/elements/dom.js";

/**
 * Cards by their keys: what is there stays, so that nobody loses the focus, and what is not told of any more goes.
 *
 * `make(key)` gives a card: an object with an `element` and `show(value)`.
 */
export class CardList {
  #make;
  #cards = new Map();

  constructor(label, make) {
    this.#make = make;
    this.note = h("p", { className: "note", role: "status" }, "Loading…");
    this.list = h("ul", { className: "cards", "aria-label": label });
    this.element = h("div", {}, this.note, this.list);
  }

  /** Shows these values, each with a `key`, in their order; `nothing` is said when there are none. */
  show(values, nothing) {
    const wanted = new Set(values.map(({ key }) => key));
    for (const [key, card] of this.#cards) {
      if (wanted.has(key)) continue;
      card.element.remove();
      this.#cards.delete(key);
    }
    let place = this.list.firstElementChild;
    for (const value of values) {
      let card = this.#cards.get(value.key);
      if (!card) this.#cards.set(value.key, (card = this.#make(value.key)));
      if (card.element === place) place = place.nextElementSibling;
      else this.list.insertBefore(card.element, place);
      card.show(value);
    }
    this.say(values.length ? "" : nothing);
  }

  say(text) {
    setText(this.note, text);
  }

  tick() {
    for (const card of this.#cards.values()) card.tick?.();
  }
}
