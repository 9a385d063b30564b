// SPDX-License-Identifier: Apache-2.0
/** The demo page: what the upload element's jobs have made is shown below it. */
import "../jobd/job-upload.js";
import { h } from "../jobd/elements/dom.js";

const element = document.querySelector("job-upload");
const results = document.getElementById("results");

element.addEventListener("job-end", ({ detail: { job } }) => {
  // What no step was for has nothing to show.
  if (job.status === "completed" && (job.artifacts.length || facts(job.result ?? {}))) results.prepend(result(job));
});

function result(job) {
  const name = job.files.map((file) => file.name).join(", ");
  const id = `result-${job.jobId}`;
  const urlOf = (artifact) => element.client.artifactUrl(artifact);
  const images = job.artifacts.filter(({ mediaType }) => mediaType.startsWith("image/"));
  const text = job.artifacts.find(({ mediaType }) => mediaType.startsWith("text/plain"));
  const section = h("section", { className: "result", "aria-labelledby": id },
    h("h2", { id }, name),
    h("p", { className: "facts" }, facts(job.result ?? {})));
  if (text) section.append(textOf(urlOf(text), name));
  if (images.length) {
    section.append(h("ul", { className: "previews", "aria-label": `Previews of ${name}` }, images.map((artifact, index) =>
      h("li", {}, h("a", { href: urlOf(artifact) }, h("img", { src: urlOf(artifact), alt: `Preview ${index + 1} of ${name}`, loading: "lazy" }))))));
  }
  return section;
}

function facts({ pages, words, width, height }) {
  const parts = [];
  if (pages) parts.push(pages === 1 ? "1 page" : `${pages} pages`);
  if (words) parts.push(`${words.toLocaleString("en")} words`);
  if (width && height) parts.push(`${width} × ${height} pixels`);
  return parts.join(", ");
}

/** The beginning of a text; all of it is in the artifact. */
function textOf(url, name) {
  const pre = h("pre", { className: "text", dir: "auto", tabIndex: 0, role: "region", "aria-label": `Text of ${name}` }, "Reading…");
  fetch(url, { headers: { Range: "bytes=0-65535" } })
    .then((response) => response.text())
    .then((text) => (pre.textContent = text.trim() || "There is no text in it."))
    .catch(() => (pre.textContent = "The text cannot be read just now."));
  return pre;
}
