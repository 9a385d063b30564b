/** How long ago jobs were created, as the list is filtered; the milliseconds of each. */
export const ages = { "15m": 900_000, "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000 };
export const ageNames = { "15m": "the last 15 minutes", "1h": "the last hour", "24h": "the last 24 hours", "7d": "the last 7 days" };

/** Whether an address may say so: an age of `ages`, or a moment. */
export function isBeginning(since) {
  return Object.hasOwn(ages, since) || isMoment(since);
}

export function isMoment(text) {
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The moments between which a filter's jobs were created, as the service takes them; what is open is empty. */
export function boundsOf({ since = "", until = "" }, now = Date.now()) {
  return {
    createdSince: Object.hasOwn(ages, since) ? new Date(now - ages[since]).toISOString() : since && new Date(since).toISOString(),
    createdBefore: until && new Date(until).toISOString(),
  };
}

/** A moment for a field of the type `datetime-local`, in this machine's time; empty for none. */
export function localText(moment) {
  if (!moment) return "";
  const date = new Date(moment);
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The moment that such a field says; empty when it says none. */
export function momentOf(text) {
  const date = new Date(text);
  return text && !Number.isNaN(date.getTime()) ? date.toISOString() : "";
}
