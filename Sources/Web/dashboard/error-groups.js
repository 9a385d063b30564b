/**
 * Failed jobs in groups by what went wrong, the largest first: `{ key, code, step, message, count, newest,
 * jobIds, types, q }`; `q` is what a search finds them by.
 *
 * Errors are alike when code and step are the same, and the message but for numbers, ids and file names.
 */
export function groupsOf(jobs) {
  const groups = new Map();
  for (const job of jobs) {
    if (job.status !== "failed" || !job.error) continue;
    const { code, step = null, message } = job.error;
    const pattern = patternOf(message || "", job);
    const key = JSON.stringify([code, step, pattern]);
    const group = groups.get(key) ?? { key, code, step, message: message || code, count: 0, newest: job, jobIds: [], types: [], q: longestPart(pattern) };
    group.count++;
    group.jobIds.push(job.jobId);
    if (!group.types.includes(job.jobType)) group.types.push(job.jobType);
    if (job.finishedAt > group.newest.finishedAt) Object.assign(group, { newest: job, message: message || code });
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || b.newest.finishedAt.localeCompare(a.newest.finishedAt));
}

/** A message without what differs from job to job. */
function patternOf(message, { jobId, files }) {
  let pattern = message;
  for (const part of [...files.map(({ name }) => name), jobId]) if (part) pattern = pattern.replace(wholeWord(part), "…");
  return pattern.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/gi, "#");
}

function wholeWord(text) {
  return new RegExp(`(?<!\\w)${text.replace(/[^\w\s]/g, "\\$&")}(?!\\w)`, "g");
}

/** The longest text that is in all of them. */
function longestPart(pattern) {
  return pattern.split(/[…#]/).map((part) => part.trim()).reduce((longest, part) => (part.length > longest.length ? part : longest), "").slice(0, 200);
}
