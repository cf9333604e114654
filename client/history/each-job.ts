import pLimit from "p-limit";

/** Number of jobs read concurrently. */
const CONCURRENT_JOBS = 8;

/**
 * Reads jobs, several at a time. Resolves to the values read, in the order of the jobs, without jobs that no longer
 * exist.
 */
export async function eachJob<T>(
  jobs: readonly { job: string }[],
  read: (job: string) => Promise<T | undefined>,
): Promise<T[]> {
  const limit = pLimit(CONCURRENT_JOBS);
  const found = await Promise.all(jobs.map(({ job }) => limit(read, job)));
  return found.filter((one) => one !== undefined);
}
