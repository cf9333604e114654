import type { BlobStore } from "../../adapters/blob-store.ts";
import { type CodeUnit, unitsOf } from "../../protocol/function-reference.ts";
import type { Grant } from "../../protocol/grant.ts";
import { messageOf } from "../messages/message-of.ts";
import type { UnitCache } from "./unit-cache.ts";

/** The code of a lease: each unit's source by hash, or why it is missing. */
export interface LeaseUnits {
  sources: Map<string, string>;
  missing: Map<string, string>;
}

/**
 * Gathers the code of a lease from the cache, the grant, the blob store and the report function. A missing unit does
 * not fail the others.
 */
export async function gatherUnits(
  grant: Grant,
  cache: UnitCache,
  blobs: BlobStore,
  fetchUnits: (hashes: string[]) => Promise<CodeUnit[]>,
): Promise<LeaseUnits> {
  const units: LeaseUnits = { sources: new Map(), missing: new Map() };
  const add = (hash: string, brotli: Uint8Array) => {
    try {
      units.sources.set(hash, cache.add(hash, brotli));
    } catch (error) {
      units.missing.set(hash, messageOf(error));
    }
  };
  const shipped = grant.functions.flatMap(unitsOf);
  for (const { code } of shipped) {
    const source = cache.get(code);
    if (source !== undefined) units.sources.set(code, source);
  }
  for (const { hash, body } of grant.units) if (!units.sources.has(hash)) add(hash, Buffer.from(body, "base64"));

  const wanted = (at: "table" | "blob") => {
    const hashes = shipped.filter((reference) => reference.at === at).map(({ code }) => code);
    return [...new Set(hashes)].filter((hash) => !units.sources.has(hash) && !units.missing.has(hash));
  };
  await Promise.all(
    wanted("blob").map(async (hash) => {
      try {
        add(hash, await blobs.getCode(hash));
      } catch (error) {
        units.missing.set(hash, messageOf(error));
      }
    }),
  );
  // The units may not all fit one answer, so ask again as long as an answer brings any.
  for (let hashes = wanted("table"); hashes.length > 0; hashes = wanted("table")) {
    const fetched = await fetchUnits(hashes);
    for (const { hash, body } of fetched) add(hash, Buffer.from(body, "base64"));
    if (wanted("table").length === hashes.length) {
      for (const hash of hashes)
        units.missing.set(
          hash,
          `the code ${hash} of the function is not in the task table: it has expired, or was never stored. Submit the task with a new Client`,
        );
    }
  }
  return units;
}
