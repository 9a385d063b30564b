// SPDX-License-Identifier: Apache-2.0
import { stylesheet } from "./dom.js";

/** How the elements look; the custom properties that pages may set are `--jobd-…`. */
export const elementStyle = stylesheet(`
:host {
  --_text: var(--jobd-text, light-dark(#1b1f24, #e9ecf0));
  --_muted: var(--jobd-muted, light-dark(#59636e, #9aa5b1));
  --_line: var(--jobd-line, light-dark(#d9dee4, #363d47));
  --_surface: var(--jobd-surface, light-dark(#ffffff, #1a1e24));
  --_hover: color-mix(in srgb, var(--_text) 6%, var(--_surface));
  --_track: var(--jobd-track, light-dark(#e6eaef, #2c333d));
  --_accent: var(--jobd-accent, light-dark(#1f6feb, #6ba4ff));
  --_success: var(--jobd-success, light-dark(#1a7f4b, #4cc38a));
  --_danger: var(--jobd-danger, light-dark(#c0272d, #ff8a85));
  --_radius: var(--jobd-radius, 10px);
  --_bar: var(--jobd-bar-height, 6px);
  display: block;
  color: var(--_text);
  font: 400 0.9375rem/1.45 var(--jobd-font, system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
.visually-hidden {
  position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
.job, .summary {
  display: grid; gap: 0.5rem; padding: 0.875rem 1rem; container-type: inline-size;
  background: var(--_surface); border: 1px solid var(--_line); border-radius: var(--_radius);
}
.row { display: flex; align-items: baseline; gap: 0.25rem 0.75rem; min-inline-size: 0; }
.name { flex: 1; text-align: -webkit-match-parent; text-align: match-parent; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
.figures { color: var(--_muted); font-variant-numeric: tabular-nums; white-space: nowrap; font-size: 0.875em; }
.track { block-size: var(--_bar); border-radius: var(--_radius); background: var(--_track); overflow: hidden; }
.fill { block-size: 100%; inline-size: 0; border-radius: inherit; background: var(--_accent); transition: inline-size 250ms ease-out; }
[data-state="completed"] .fill { background: var(--_success); }
[data-state="failed"] .fill, [data-state="error"] .fill { background: var(--_danger); }
[data-state="cancelled"] .fill { background: var(--_muted); }
.details { flex: 1; min-inline-size: 0; font-size: 0.875em; color: var(--_muted); overflow-wrap: anywhere; }
.state { color: var(--_text); font-weight: 500; }
.job[data-state="completed"] .state { color: var(--_success); }
.job[data-state="failed"] .state, .job[data-state="error"] .state, .error { color: var(--_danger); }
/* Between them in the direction of the page, whichever theirs is. */
.state:not(:empty) ~ .news::before { content: " \\00b7\\00a0" / ""; color: var(--_muted); }
.error, .cause { margin: 0; text-align: -webkit-match-parent; text-align: match-parent; font-size: 0.875em; overflow-wrap: anywhere; }
.cause { color: var(--_muted); white-space: pre-line; }
.job[data-state="lost"] .fill { background: var(--_muted); }
.error.is-earlier { color: var(--_muted); }
.actions { display: flex; gap: 0.375rem; align-self: center; }
.links { display: flex; flex-wrap: wrap; gap: 0.375rem; margin: 0; padding: 0; list-style: none; font-size: 0.8125em; }
.links a {
  display: inline-block; padding: 0.125rem 0.5rem; border: 1px solid var(--_line); border-radius: calc(var(--_radius) * 9);
  color: var(--_accent); text-decoration: none; max-inline-size: 20rem; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; vertical-align: bottom;
}
.links a:hover { background: var(--_hover); text-decoration: underline; }
button {
  font: inherit; font-size: 0.8125rem; font-weight: 500; line-height: 1.25; padding: 0.25rem 0.625rem; cursor: pointer; white-space: nowrap;
  color: var(--_text); background: var(--_surface); border: 1px solid var(--_line); border-radius: calc(var(--_radius) * 0.6);
}
button:hover:not([aria-disabled="true"]) { background: var(--_hover); }
button[aria-disabled="true"] { color: var(--_muted); cursor: default; }
:focus { outline: none; }
a:focus-visible, button:focus-visible, .job:focus-visible, .zone:focus-within:has(:focus-visible) { outline: 2px solid var(--_accent); outline-offset: 2px; }
@container (max-width: 22rem) { .bottom { flex-wrap: wrap; } }
@media (prefers-reduced-motion: reduce) { .fill, .zone { transition: none; } }
@media (forced-colors: active) { .track { border: 1px solid CanvasText; } .fill { background: Highlight; forced-color-adjust: none; } }

.zone {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 0.5rem; padding: 1.75rem 1rem; cursor: pointer;
  color: var(--_muted); background: var(--_surface); border: 1.5px dashed color-mix(in srgb, var(--_muted) 45%, var(--_surface)); border-radius: var(--_radius);
  text-align: center; transition: border-color 120ms, background-color 120ms;
}
.zone:hover, .zone.over { border-color: var(--_accent); background: color-mix(in srgb, var(--_accent) 5%, var(--_surface)); }
.zone strong { font-weight: 500; color: var(--_accent); }
.zone[data-disabled] { cursor: default; opacity: 0.6; }
.refused { margin: 0.5rem 0 0; font-size: 0.875em; overflow-wrap: anywhere; color: var(--_danger); }
.summary { margin-block-start: 0.75rem; background: none; }
.jobs { display: grid; gap: 0.625rem; margin: 0; padding: 0; list-style: none; }
.jobs:not(:empty) { margin-block-start: 0.75rem; }
`);
