/**
 * Minimum length of a shortened job id. The first ten characters of an id are a time, so shorter ids of jobs that were
 * made in quick succession may be equal.
 */
const MIN_LENGTH = 12;

/**
 * Shortens ids of jobs and tasks, for a narrow terminal, to beginnings of the job's id that are unique among them.
 * Commands accept these in place of the ids.
 */
export function shortIds(ids: readonly string[]): string[] {
  const places = ids.map((id) => id.split("."));
  const jobs = [...new Set(places.map(([job = ""]) => job))].sort();
  // In sorted order, comparing each id with the next one finds the longest beginning that two of them share.
  const needed = jobs.map((job, at) => common(job, jobs[at + 1] ?? "") + 1);
  const length = needed.reduce((most, one) => Math.max(most, one), MIN_LENGTH);
  return places.map(([job = "", ...index]) => [job.slice(0, length), ...index].join("."));
}

function common(one: string, other: string): number {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return same;
}
