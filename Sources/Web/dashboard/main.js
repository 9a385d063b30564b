/** The dashboard: a page of all jobs, one for each job and batch, and those of schedules, batches and workers, by the address. */
import { service } from "./api.js";
import { readAddress } from "./address.js";
import { BatchPage } from "./batch-page.js";
import { BatchesPage } from "./batches-page.js";
import { Changes } from "./changes.js";
import { ErrorsPage } from "./errors-page.js";
import { JobPage } from "./job-page.js";
import { Keys } from "./keys.js";
import { ListPage } from "./list-page.js";
import { Pulse } from "./pulse.js";
import { SchedulesPage } from "./schedules-page.js";
import { forgetToken } from "./token.js";
import { WebhooksPage } from "./webhooks-page.js";
import { WorkersPage } from "./workers-page.js";

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const connection = document.getElementById("connection");
/**
 * What is in sight: its `element` and `title`, `start()` and `close()`, `change(changed, gone)` and `missed()` for what the stream
 * says; `show(statistics)` and `showTrouble(sentence)` if it wants these. It is told `isLive`.
 */
let page = null;
/** Whether changes come by themselves, and whether the daemon answers: it is live with both. */
const state = { hasStream: false, isWell: true };

const pages = {
  errors: () => new ErrorsPage(), schedules: () => new SchedulesPage(go), batches: () => new BatchesPage(go),
  workers: () => new WorkersPage(), webhooks: () => new WebhooksPage(),
};

function show() {
  page?.close();
  const { job, batch, view, filter } = readAddress(location.search);
  page = job ? new JobPage(job, go) : batch ? new BatchPage(batch) : view ? pages[view]() : new ListPage(filter);
  page.isLive = isLive();
  const place = batch ? "batches" : (view ?? "jobs");
  for (const link of nav.querySelectorAll("a")) {
    if (link.dataset.place !== place) {
      link.removeAttribute("aria-current");
      continue;
    }
    link.setAttribute("aria-current", job || batch ? "true" : "page");
    // On a phone the pages are a line that scrolls.
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.title = `${page.title} – jobd`;
  main.replaceChildren(page.element);
  page.start();
}

function isLive() {
  return state.hasStream && state.isWell;
}

function learn(news) {
  Object.assign(state, news);
  page.isLive = isLive();
  connection.dataset.live = isLive();
  connection.textContent = !state.isWell ? "No answer" : state.hasStream ? "Live" : "Connecting…";
}

function go(address) {
  history.pushState(null, "", address);
  show();
  pulse.look();
  scrollTo(0, 0);
  // Whoever does not see the page is told that it is another.
  main.querySelector("h1")?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  const here = new URL("./", document.baseURI);
  if (url.origin !== here.origin || url.pathname !== here.pathname || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  go(`./${url.search}`);
});

/** Says who looks; a link that has ended is of no use any more. */
function showWho({ owner, role }) {
  // Whoever may only look is not offered what would be refused.
  document.body.classList.toggle("observer", role === "observer");
  document.getElementById("who").textContent = [owner, role].filter(Boolean).join(" · ");
}

show();

service.session().then(showWho, (error) => {
  if (error.status !== 401) return;
  forgetToken();
  showWho({ role: "signed out: jobctl token --operate" });
});

const pulse = new Pulse(service.stats, {
  onStatistics(statistics) {
    learn({ isWell: true });
    page.show?.(statistics);
    lookWhetherReady();
  },
  onTrouble: () => learn({ isWell: false }),
});
pulse.start();

/** Says on the page of all jobs why none could be created and run now. */
async function lookWhetherReady() {
  if (!page.showTrouble) return;
  try {
    await service.ready({ repeat: false, timeoutMs: 5000 });
    page.showTrouble?.(null);
  } catch (error) {
    if (error.status === 503) page.showTrouble?.(error.problem?.detail ?? error.message);
  }
}

new Keys({ page: () => page, go }).start();

addEventListener("popstate", () => {
  show();
  pulse.look();
});

new Changes(service.changes, {
  onChanges: (changed, gone) => page.change(changed, gone),
  onMissed: () => page.missed(),
  onConnected: (hasStream) => learn({ hasStream }),
}).start();
