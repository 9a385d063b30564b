import { jobs } from "./api.js";

/** Lines that are asked for at once, and at most in all. */
const PAGE = 1000;
const MOST = 1_000_000;

/** All lines of a job's log as a text file that the browser saves. */
export async function saveLog(jobId, signal) {
  const parts = [];
  let count = 0;
  for (let after = 0; count < MOST; ) {
    const { lines, next } = await jobs.logs(jobId, { after, limit: PAGE, signal });
    if (!lines.length) break;
    parts.push(...lines.map(asText));
    count += lines.length;
    after = next;
  }
  const url = URL.createObjectURL(new Blob(parts, { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${jobId.replace(/[^\w.-]/g, "_")}.log`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function asText({ at, step, stream, text }) {
  return `${at} ${step ?? "-"} ${stream} ${text}\n`;
}
