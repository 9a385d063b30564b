// SPDX-License-Identifier: Apache-2.0
/** The elements' texts in English, which they have without any module; beside the others, to begin one's own from. */
export { defaultTexts as default } from "../elements/texts.js";
