// SPDX-License-Identifier: Apache-2.0
/** What an element gives a form: the ids of its jobs under its name, and whether the form may be sent. */
export class FormValue {
  constructor(element) {
    this.internals = element.attachInternals?.() ?? null;
  }

  /** `anchor` is what a browser shows a complaint at. */
  show({ name, jobIds, isRequired, isSending, texts, anchor }) {
    if (!this.internals?.setFormValue) return;
    const data = new FormData();
    if (name) for (const jobId of jobIds) data.append(name, jobId);
    this.internals.setFormValue(name && jobIds.length ? data : null);
    if (isSending) this.internals.setValidity({ customError: true }, texts.stillSending, anchor);
    else if (isRequired && !jobIds.length) this.internals.setValidity({ valueMissing: true }, texts.missing, anchor);
    else this.internals.setValidity({});
  }
}
