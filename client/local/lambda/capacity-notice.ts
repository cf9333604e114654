import { ENVIRONMENT_MB } from "./environment-budget.ts";

/** Engines per core up to which no notice is given: many engines wait for a network. */
const USUAL = 8;

/**
 * Returns a notice if there are more engines than the machine's cores or memory can handle.
 *
 * @param most engine environments that can run at once
 */
export function capacityNotice(engines: number, cores: number, most: number): string[] {
  const isWaiting = engines > most;
  if (engines <= USUAL * cores && !isWaiting) return [];
  const each = `each engine at work is a process of about ${ENVIRONMENT_MB} MB, and tasks that compute run no faster on more engines than cores`;
  const limit = `; the free memory is enough for about ${most} at once, and the others wait for these`;
  return [`${engines} engines on ${cores} ${cores === 1 ? "core" : "cores"}: ${each}${isWaiting ? limit : ""}`];
}
