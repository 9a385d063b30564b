// SPDX-License-Identifier: Apache-2.0
/** More files than anybody drops on purpose: a whole disk is not walked. */
const MOST = 10_000;

/**
 * The files that were dropped, also those inside folders, in their order; files that systems hide in folders are left out.
 *
 * To be called while the drop is told of: later a browser has forgotten what was dropped. `onUnreadable(name)` is told of
 * what cannot be read.
 */
export function droppedFiles(transfer, onUnreadable) {
  const entries = [...(transfer.items ?? [])].filter(({ kind }) => kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  if (!entries.length) return Promise.resolve([...transfer.files]);
  return walked(entries.filter(Boolean), onUnreadable);
}

async function walked(entries, onUnreadable) {
  const files = [];
  const waiting = [...entries].reverse();
  while (waiting.length && files.length < MOST) {
    const entry = waiting.pop();
    try {
      if (entry instanceof Blob) files.push(entry);
      else if (entry.isDirectory) waiting.push(...(await childrenOf(entry)).filter(({ name }) => !name.startsWith(".")).reverse());
      else files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    } catch {
      onUnreadable(entry.name);
    }
  }
  return files;
}

/** Browsers give a hundred at a time. */
async function childrenOf(folder) {
  const reader = folder.createReader();
  const children = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length || children.length >= MOST) return children;
    children.push(...some);
  }
}
