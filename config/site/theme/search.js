// Finds words in all pages. The index is loaded when somebody begins to search; no server is needed.
const base = new URL(".", document.currentScript.src);
const form = document.getElementById("search");
const query = document.getElementById("query");
const found = document.getElementById("found");
const most = 20;
let index;

form.hidden = false;
// On a narrow screen the list of pages is closed at first.
if (matchMedia("(max-width: 50rem)").matches) document.querySelector(".menu").open = false;

/** Loads the index once. */
function load() {
  index ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("search-index.js", base);
    script.onload = () => resolve(window.searchIndex.map(([place, title, text, article]) => (
      { place, title, text, article, small: `${article}\n${title}\n${text}`.toLowerCase() })));
    script.onerror = reject;
    document.head.append(script);
  });
  return index;
}

/** How well an entry fits; 0 when a word is missing. Titles count most, then whole words. */
function score(entry, words) {
  const title = entry.title.toLowerCase();
  let sum = entry.place.includes("#") ? 0 : 1;
  for (const word of words) {
    if (!entry.small.includes(word)) return 0;
    sum += title.includes(word) ? 20 : 1;
    if (title.split(/[^\p{L}\p{N}_.-]+/u).includes(word)) sum += 20;
    sum += Math.min(5, entry.small.split(word).length - 1);
  }
  // Guides before references, and records of decisions last.
  return /^\d{4}-/.test(entry.place) ? sum / 4 : /^(Protocol|HTTP|Architecture|Migrating)\./.test(entry.place) ? sum / 2 : sum;
}

/** The words around the first one that was found, with that one marked. */
function excerpt(text, words) {
  const small = text.toLowerCase();
  const at = Math.min(...words.map((word) => small.indexOf(word)).filter((place) => place >= 0));
  if (!Number.isFinite(at)) return text.slice(0, 140);
  const word = words.find((one) => small.startsWith(one, at));
  const mark = document.createElement("mark");
  mark.textContent = text.slice(at, at + word.length);
  return [at > 60 ? "…" : "", text.slice(Math.max(0, at - 60), at), mark, `${text.slice(at + word.length, at + 120)}…`];
}

async function show() {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  found.hidden = words.length === 0;
  if (words.length === 0) return found.replaceChildren();
  const entries = await load();
  const hits = entries.map((entry) => [score(entry, words), entry]).filter(([points]) => points > 0).sort((a, b) => b[0] - a[0]).slice(0, most);
  const list = document.createElement("ol");
  for (const [, entry] of hits) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = new URL(entry.place, base);
    link.textContent = entry.article ? `${entry.article}: ${entry.title}` : entry.title;
    const text = document.createElement("p");
    text.append(...[excerpt(entry.text, words)].flat());
    item.append(link, text);
    list.append(item);
  }
  found.replaceChildren(hits.length > 0 ? list : "No page has all of these words.");
}

query.addEventListener("focus", load);
query.addEventListener("input", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement === document.body) {
    event.preventDefault();
    query.focus();
  }
  if (event.key === "Escape" && document.activeElement === query) {
    query.value = "";
    show();
  }
});
