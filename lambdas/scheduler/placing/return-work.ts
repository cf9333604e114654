import { type ClaimedWork, returnedEntry } from "../../core/claimed-work.ts";
import type { LeaseRange } from "../../core/lease.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/** Requeues claimed tasks that found no engine. The caller places them, or leaves that to the next pass. */
export async function returnWork(cluster: SettlingContext, work: ClaimedWork, ranges: LeaseRange[]): Promise<void> {
  await cluster.store.write(await requeuedRows(cluster, work.header, [{ entry: returnedEntry(work, ranges) }]));
}
