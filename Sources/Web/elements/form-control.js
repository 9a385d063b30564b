// SPDX-License-Identifier: Apache-2.0
import { JobdElement } from "./element.js";

/** An element that is a form's control, where browsers can have such: its value is ids of jobs under its name. */
export class FormControlElement extends JobdElement {
  static formAssociated = true;
  #internals = this.attachInternals?.() ?? null;

  get form() {
    return this.#internals?.form ?? null;
  }

  get labels() {
    return this.#internals?.labels ?? [];
  }

  get validity() {
    return this.#internals?.validity;
  }

  get validationMessage() {
    return this.#internals?.validationMessage ?? "";
  }

  checkValidity() {
    return this.#internals?.checkValidity() ?? true;
  }

  reportValidity() {
    return this.#internals?.reportValidity() ?? true;
  }

  /** Whether it is disabled by its own attribute, or by a fieldset. */
  get isDisabled() {
    return this.disabled || this.matches(":disabled");
  }

  /** Gives the form the ids, and says whether it may be sent; `anchor` is what a browser shows a complaint at. */
  showValue({ jobIds, isSending, anchor }) {
    if (!this.#internals?.setFormValue) return;
    const data = new FormData();
    if (this.name) for (const jobId of jobIds) data.append(this.name, jobId);
    this.#internals.setFormValue(this.name && jobIds.length ? data : null);
    if (isSending) this.#internals.setValidity({ customError: true }, this.texts.stillSending, anchor);
    else if (this.required && !jobIds.length) this.#internals.setValidity({ valueMissing: true }, this.texts.missing, anchor);
    else this.#internals.setValidity({});
  }
}
