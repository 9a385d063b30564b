// SPDX-License-Identifier: Apache-2.0
/** The worker that all tabs of an origin share: it follows jobs for them, see `SharedFeed`. */
import { Feed } from "./feed.js";

/** Milliseconds between two signs of life. */
const HEARTBEAT = 5000;

const feeds = new Map();

function feedFor(base) {
  if (!feeds.has(base)) feeds.set(base, new Feed(base));
  return feeds.get(base);
}

/** Serves one tab. */
function serve({ ports: [port] }) {
  const watches = new Map();
  const beat = setInterval(() => port.postMessage({}), HEARTBEAT);

  const unwatch = (key) => {
    watches.get(key)?.();
    watches.delete(key);
  };

  const forget = () => [...watches.keys()].forEach(unwatch);

  const watch = (key, { base, jobId, graceMs }) => {
    unwatch(key);
    watches.set(key, feedFor(base).watch(jobId, {
      graceMs,
      onJob: (job) => port.postMessage({ key, job }),
      onConnection: (isLost) => port.postMessage({ key, isLost }),
      onRefused: (error) => port.postMessage({
        key, error: { status: error.status, body: JSON.stringify(error.problem) },
      }),
    }));
  };

  port.onmessage = ({ data }) => {
    if (data.watch) watch(data.watch, data);
    if (data.unwatch) unwatch(data.unwatch);
    if (data.forget) forget();
    if (data.doubt) feeds.forEach((feed) => feed.doubt());
    if (data.wake) feeds.forEach((feed) => feed.wake());
  };
  // Where browsers tell of the end of the other side.
  port.onclose = () => {
    clearInterval(beat);
    forget();
  };
  port.postMessage({});
}

// In one file with everything else it is loaded by pages, too.
if (typeof SharedWorkerGlobalScope === "function" && self instanceof SharedWorkerGlobalScope) {
  self.addEventListener("online", () => feeds.forEach((feed) => feed.wake()));
  self.onconnect = serve;
}
