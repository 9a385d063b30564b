// SPDX-License-Identifier: Apache-2.0
/** How long the browser may take to save what it was given. */
const KEPT_MS = 60_000;

/** A link to what a job made: the browser follows it by itself where its own request shows as much as the page's do. */
export function artifactLink(h, client, artifact, onError, properties = { className: "name" }) {
  return h("a", {
    ...properties, href: client.artifactUrl(artifact), target: "_blank", rel: "noopener",
    onclick: (event) => client.isPlain !== false || follow(event, client, artifact).catch(onError),
  }, artifact.name);
}

/** Fetches as the page is signed in, and has it saved: a link of the browser's would ask as nobody. */
async function follow(event, client, artifact) {
  event.preventDefault();
  const url = URL.createObjectURL(await client.artifact(artifact));
  const link = event.target.ownerDocument.createElement("a");
  link.href = url;
  link.download = artifact.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS).unref?.();
}
