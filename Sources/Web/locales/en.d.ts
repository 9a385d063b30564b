// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../elements/texts.js";

declare const texts: Partial<Texts>;
export default texts;
