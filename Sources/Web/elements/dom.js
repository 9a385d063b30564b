// SPDX-License-Identifier: Apache-2.0
/**
 * An element with properties (or attributes, where there is no such property) and children. What users gave comes in as
 * text, never as markup: nothing here reads HTML.
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && key !== "list" && key !== "form") element[key] = value;
    else if (value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A stylesheet from text, made when it is first asked for; a strict Content-Security-Policy allows it, unlike a style element. */
export function stylesheet(text) {
  let sheet = null;
  return () => {
    if (sheet) return sheet;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  };
}

/** Changes a text only when it is another one, so that nothing is drawn or read out twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or hides; whoever had the focus inside hands it on to `heir` rather than losing it. */
export function setShown(element, isShown, heir) {
  if (element.hidden === !isShown) return;
  const hadFocus = !isShown && heir && element.contains(element.getRootNode().activeElement);
  element.hidden = !isShown;
  if (hadFocus) heir.focus();
}
