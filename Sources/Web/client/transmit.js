// SPDX-License-Identifier: Apache-2.0
import { JobdError } from "./errors.js";

/** When no byte went for so long, the connection is taken for dead, in milliseconds. */
const STALL = 30_000;
/** What has gone whole is answered later: it may wait in buffers on the way, and the service writes it to its disk. */
const ANSWER = 120_000;
/** When the network is back and no byte went for so long, the connection is one of the network of before. */
const STALE = 3000;

/**
 * Sends bytes with what shows who sends them, and tells `onLoaded(loaded)` how many have gone.
 *
 * Gives `{ status, text, header(name) }`, whatever the status. Fails with a `network` error, or with the signal's reason.
 */
export async function transmit(http, { method, path, headers, body, signal, onLoaded = () => {} }) {
  const send = typeof XMLHttpRequest === "function" && !http.sender.isOwnFetch ? sendWithXMLHttpRequest : sendWithFetch;
  try {
    return await http.sender.authorized((shown) =>
      send({ method, url: http.url(path), headers: { ...shown, ...headers }, body, signal, onLoaded, sender: http.sender }));
  } catch (error) {
    // A browser does not say whether the network or the file was not there.
    if (error.code === "network") await body.slice(0, 1).arrayBuffer().catch((cause) => { throw JobdError.unreadableFile(cause); });
    throw error;
  }
}

/** In browsers, where fetch does not tell how much has been sent. */
function sendWithXMLHttpRequest({ method, url, headers, body, signal, onLoaded, sender }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let heardAt = Date.now();
    let timer;
    const fail = (reason) => {
      request.abort();
      reject(reason);
    };
    const abort = () => fail(signal.reason);
    const lose = () => fail(JobdError.network(new Error("the upload's connection is silent")));
    const renew = () => Date.now() - heardAt > STALE && lose();
    const listeners = { online: renew, offline: lose };
    const hear = (loaded) => {
      heardAt = Date.now();
      clearTimeout(timer);
      timer = setTimeout(lose, loaded < body.size ? STALL : ANSWER);
      onLoaded(loaded);
    };
    request.open(method, url);
    request.withCredentials = sender.credentials === "include";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => hear(event.loaded);
    request.onerror = () => reject(JobdError.network(new Error("the upload's connection broke")));
    request.onload = () => resolve({
      status: request.status, text: request.responseText, header: (name) => request.getResponseHeader(name),
    });
    request.onloadend = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
    signal?.addEventListener("abort", abort);
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    hear(0);
    request.send(body);
  });
}

/** In Node, and where the page brings its own fetch. */
async function sendWithFetch({ method, url, headers, body, signal, onLoaded, sender }) {
  onLoaded(0);
  try {
    const response = await sender.send(url, { method, headers, body, signal });
    return { status: response.status, text: await response.text(), header: (name) => response.headers.get(name) };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw JobdError.network(error);
  }
}
