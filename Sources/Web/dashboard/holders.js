/**
 * Who works elsewhere, and what each holds: jobs that workers or the application run now, in groups by who runs them, the
 * busiest first.
 */
export function holdersOf(jobs) {
  const holders = new Map();
  for (const job of jobs) {
    if (!isElsewhere(job)) continue;
    const key = `${job.runner} ${job.worker ?? ""}`;
    const holder = holders.get(key) ?? { key, runner: job.runner, name: nameOfHolder(job), jobs: [] };
    holder.jobs.push(job);
    holders.set(key, holder);
  }
  const groups = [...holders.values()];
  for (const { jobs } of groups) jobs.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  return groups.sort((a, b) => b.jobs.length - a.jobs.length || (a.key < b.key ? -1 : 1));
}

/** Whether a job is run by somebody else than this service now. */
export function isElsewhere({ status, runner }) {
  return status === "processing" && (runner === "worker" || runner === "application");
}

function nameOfHolder({ runner, worker }) {
  if (runner === "application") return "The application";
  return worker ?? "A worker without a name";
}
