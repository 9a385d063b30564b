import { h } from "../jobd/elements/dom.js";

/** What an empty service shows in the place of jobs: how the first one is made. */
export function beginning() {
  const code = (text) => h("pre", { tabIndex: 0 }, h("code", {}, text));
  return h("section", { className: "beginning", "aria-label": "How to begin", hidden: true },
    h("h2", {}, "No jobs yet"),
    h("p", {}, "Jobs appear here by themselves as soon as there are any. Three ways to make the first one:"),
    h("ol", {},
      h("li", {}, "On the server, with a file: ", code("jobctl submit --follow FILE")),
      h("li", {}, "From a page: ", code('<script type="module" src="/jobd/jobd.js"></script>\n<job-upload></job-upload>')),
      h("li", {}, "From any program: ", code(`curl --data-binary @FILE '${location.origin}/api/files?name=FILE'\ncurl --json '{"fileIds": ["ID OF THE FILE"]}' '${location.origin}/api/file-manager/process'`))));
}
