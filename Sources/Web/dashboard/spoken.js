import { h } from "../jobd/elements/dom.js";

/** What is read aloud to those who do not see the page: set its text when something is worth an interruption, not with each figure. */
export function spoken() {
  return h("p", { className: "visually-hidden", role: "status" });
}
