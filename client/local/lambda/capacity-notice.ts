import { ENVIRONMENT_MB } from "./environment-budget.ts";

/**
 * Maximum number of engines per core without a notice. More than one per core is normal, since many tasks wait for a
 * network.
 */
const USUAL = 8;

/**
 * Returns a notice if there are more engines than the machine's cores or memory can handle; otherwise an empty list.
 *
 * @param most number of engine environments that can run at once
 */
export function capacityNotice(engines: number, cores: number, most: number): string[] {
  const isWaiting = engines > most;
  if (engines <= USUAL * cores && !isWaiting) return [];
  const each = `each busy engine is a process of about ${ENVIRONMENT_MB} MB, and CPU-bound tasks run no faster on more engines than cores`;
  const limit = `; free memory suffices for about ${most} at a time, and the others wait`;
  return [`${engines} engines on ${cores} ${cores === 1 ? "core" : "cores"}: ${each}${isWaiting ? limit : ""}`];
}
