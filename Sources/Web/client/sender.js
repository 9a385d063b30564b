// SPDX-License-Identifier: Apache-2.0

/** What each request shows of who sends it: headers of the page, cookies, and a token, which is asked for anew when it is refused. */
export class Sender {
  #headers;
  #token;
  #fetch;
  #known;

  constructor({ headers, credentials, fetch, token } = {}) {
    this.credentials = credentials;
    this.#headers = headers;
    this.#token = token;
    this.#fetch = fetch;
    /** Whether requests show nothing, so that anybody's do as well. */
    this.isPlain = headers === undefined && credentials === undefined && fetch === undefined && token === undefined;
  }

  /** Whether requests go where the page says, and not to the network itself. */
  get isOwnFetch() {
    return this.#fetch !== undefined;
  }

  /** As `fetch` does. One that is refused as nobody's (401) is sent again with a new token, once. */
  async fetch(url, init = {}) {
    return this.authorized((headers) => this.send(url, { ...init, headers: { ...headers, ...init.headers } }));
  }

  /** Gives `action(headers)` what to show; does it again with a new token when its answer has the status 401. */
  async authorized(action) {
    const token = await this.#current();
    const answer = await action(await this.#shown(token));
    if (answer.status !== 401 || typeof this.#token !== "function") return answer;
    // Somebody else may have asked for a new one meanwhile.
    if (this.#known === token) this.#known = undefined;
    const next = await this.#current();
    return next === token ? answer : action(await this.#shown(next));
  }

  /** One request as it is, with what headers do not say. */
  send(url, init) {
    const all = this.credentials ? { ...init, credentials: this.credentials } : init;
    return this.#fetch ? this.#fetch(url, all) : fetch(url, all);
  }

  async #current() {
    if (typeof this.#token !== "function") return this.#token;
    return (this.#known ??= await this.#token());
  }

  async #shown(token) {
    const own = typeof this.#headers === "function" ? await this.#headers() : this.#headers;
    return { ...Object.fromEntries(new Headers(own ?? {})), ...(token && { authorization: `Bearer ${token}` }) };
  }
}
