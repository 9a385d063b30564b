// SPDX-License-Identifier: Apache-2.0
/** The languages that there are texts of beside English; any other is shown in English. */
const languages = ["ar", "de", "es", "fr", "ja"];

/** The texts of a language such as "de" or "fr-CA"; null when there are none but the English ones, or they cannot be had. */
export async function textsOf(language) {
  const [code] = language.toLowerCase().split("-");
  if (!languages.includes(code)) return null;
  try {
    return (await import(new URL(`../locales/${code}.js`, import.meta.url))).default;
  } catch {
    return null;
  }
}
