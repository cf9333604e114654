import * as v from "valibot";
import { bodyCodec } from "../../protocol/row-body.ts";
import { type Row, SIGNING_KEY } from "../../protocol/rows.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { Log } from "../ports/scheduler-ports.ts";
import { readable } from "./readable.ts";
import type { EngineAccess, EngineReads } from "./row-access.ts";

const signingBody = bodyCodec(v.object({ key: v.string() }));

/** Remembers the key in the row. If the row is damaged, the process has no key, and sessions begin without tokens. */
export function noteSigningKey(cluster: Log & RemembersFleet, row: Row): void {
  cluster.memory.fleet.signingKey ??= readable(cluster, row, signingBody.parse)?.key;
}

/** The key that signs lease tokens, from memory or else by a read; `undefined` if there is none. */
export async function readSigningKey(cluster: EngineReads & Log): Promise<string | undefined> {
  if (cluster.memory.fleet.signingKey !== undefined) return cluster.memory.fleet.signingKey;
  const [row] = await cluster.store.read([SIGNING_KEY]);
  if (row) noteSigningKey(cluster, row);
  return cluster.memory.fleet.signingKey;
}

/**
 * Like `readSigningKey`, but creates the key if the cluster has none yet. Atomic against other schedulers: all of them
 * use the key that is stored first.
 */
export async function signingKey(cluster: EngineAccess & Log): Promise<string | undefined> {
  if (cluster.memory.fleet.signingKey !== undefined) return cluster.memory.fleet.signingKey;
  const drawn: Row = {
    ...SIGNING_KEY,
    body: signingBody.encode({ key: cluster.randomness.newSecret() + cluster.randomness.newSecret() }),
  };
  noteSigningKey(cluster, (await cluster.store.putOnce(drawn)) ?? drawn);
  return cluster.memory.fleet.signingKey;
}
