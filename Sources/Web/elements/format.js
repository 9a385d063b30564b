// SPDX-License-Identifier: Apache-2.0
/** Those of clocks and counts, in languages that have others, too: all digits of a line are alike, in each browser. */
const digits = { numberingSystem: "latn" };

/** The language of an element: the nearest `lang`, through shadow roots, or the browser's. */
export function languageOf(element) {
  for (let node = element; node; node = node.getRootNode().host) {
    const { lang } = node.closest("[lang]") ?? {};
    if (lang) return lang;
  }
  return undefined;
}

/** 0 to 100 as a percentage without decimals; 99.9 is not yet all. */
export function percent(progress, language) {
  return cached(language, { style: "percent" }).format(Math.floor(progress) / 100);
}

/** Milliseconds as 0:07, 12:30 or 1:02:03. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A moment as the time of the day, with the day when it is another one than today. */
export function timeOf(moment, language) {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(language, { ...digits, timeStyle: "short", ...(isToday ? {} : { dateStyle: "medium" }) });
}

/** Bytes as 24 kB or 1.2 GB. */
export function bytes(count, language) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  const maximumFractionDigits = unit && count < 10 ? 1 : 0;
  return cached(language, { style: "unit", unit: units[unit], unitDisplay: unit ? "short" : "long", maximumFractionDigits })
    .format(count);
}

const formats = new Map();

function cached(language, options) {
  const key = `${language} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, { ...digits, ...options }));
  return formats.get(key);
}
