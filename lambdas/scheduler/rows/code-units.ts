import type { CodeUnit } from "../../protocol/function-reference.ts";
import { codeKey } from "../../protocol/rows.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { JobAccess } from "./row-access.ts";

/**
 * Reads code units by hash: as many as fit into `room` characters, but at least one. The engine requests the rest with
 * `fetch`.
 *
 * Returns none if code shipping is off, although the table may still hold code that was shipped earlier.
 */
export async function readUnits(
  cluster: JobAccess & Configured,
  hashes: readonly string[],
  room: number,
): Promise<CodeUnit[]> {
  if (!cluster.config.code.shipping) return [];
  const missing = hashes.filter((hash) => !cluster.memory.jobs.units.has(hash));
  const rows = await cluster.store.read(missing.map(codeKey));
  for (const [at, hash] of missing.entries()) {
    const row = rows[at];
    if (row) cluster.memory.jobs.units.set(hash, row.body);
  }
  const units: CodeUnit[] = [];
  let left = room;
  for (const hash of hashes) {
    const body = cluster.memory.jobs.units.get(hash);
    if (body === undefined || (units.length > 0 && body.length > left)) continue;
    units.push({ hash, body });
    left -= body.length;
  }
  return units;
}
