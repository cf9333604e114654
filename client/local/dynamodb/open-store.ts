import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { ownerOf } from "../folders/data-owner.ts";
import { becauseOfSystem } from "../processes/system-failure.ts";
import { DynaliteStore } from "./dynalite-store.ts";

/**
 * Opens the tables in a folder, or new ones in memory.
 *
 * @throws ClusterError if another cluster holds LevelDB's lock on the folder, or the folder cannot be written
 */
export async function openStore(path: string | undefined): Promise<DynaliteStore> {
  if (path !== undefined) mkdirSync(path, { recursive: true, mode: 0o700 });
  const store = new DynaliteStore(path);
  try {
    await store.ready;
    return store;
  } catch (error) {
    throw path === undefined ? error : openingFailure(error, dirname(path));
  }
}

function openingFailure(error: unknown, folder: string): unknown {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED") {
    const pid = ownerOf(folder);
    const whose = pid === undefined ? "another cluster" : `the cluster of process ${pid}`;
    return new ClusterError(
      `${whose} is using the data folder ${folder}: stop it first (\`fantail list\` shows what is running), or choose another folder`,
      { cause },
    );
  }
  return becauseOfSystem(cause, `the tables in ${folder} could not be opened`, "then start the cluster again");
}
