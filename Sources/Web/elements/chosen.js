// SPDX-License-Identifier: Apache-2.0
/**
 * Which of the files that somebody chose or dropped are taken. `rules` are `accept` (as of a file input), `maxSize` (bytes,
 * or null) and `maxFiles` (how many more, or null).
 *
 * Gives `{ taken, refused }`; of what is refused, `reason` is `type`, `size` or `count`.
 */
export function chosen(files, { accept = "", maxSize = null, maxFiles = null }) {
  const taken = [];
  const refused = [];
  for (const file of files) {
    const reason = !isAccepted(file, accept) ? "type" : maxSize !== null && file.size > maxSize ? "size"
      : maxFiles !== null && taken.length >= maxFiles ? "count" : null;
    if (reason) refused.push({ file, reason });
    else taken.push(file);
  }
  return { taken, refused };
}

/** Whether a file fits `accept`: endings such as .pdf, types such as image/png or image/*; one of them is enough. */
export function isAccepted({ name, type }, accept) {
  const kinds = accept.toLowerCase().split(",").map((kind) => kind.trim()).filter(Boolean);
  const lowerName = name.toLowerCase();
  const lowerType = type.toLowerCase();
  return !kinds.length || kinds.some((kind) => {
    if (kind.startsWith(".")) return lowerName.endsWith(kind);
    return kind.endsWith("/*") ? kind === "*/*" || lowerType.startsWith(kind.slice(0, -1)) : lowerType === kind;
  });
}

/** Bytes of a size such as 5000000, 20MB or 1.5 GB; null when it says none. */
export function sizeOf(text) {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*$/i.exec(text ?? "");
  if (!match) return null;
  const [, number, unit, binary] = match;
  return Number(number) * (binary ? 1024 : 1000) ** ["", "k", "m", "g", "t"].indexOf(unit.toLowerCase());
}

/** A count such as 5; null when it says none. */
export function countOf(text) {
  return /^\s*\d+\s*$/.test(text ?? "") ? Number(text) : null;
}

/** The names of files, of many the first ones. */
export function namesOf(files, texts, most = 3) {
  const names = files.slice(0, most).map(({ name }) => name).join(", ");
  return files.length > most ? texts.andMore(names, files.length - most) : names;
}
