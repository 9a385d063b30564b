/** Where the token of a link stays: in this tab, until it is closed. */
const KEY = "jobd-token";

/** The token that a link of `jobctl token --operate` brought, now or earlier in this tab; it does not stay in the address. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** Forgets it: what is refused once is refused for good. */
export function forgetToken() {
  sessionStorage.removeItem(KEY);
}
