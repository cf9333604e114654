import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fantailHome, ownerIsAlive } from "../cluster/connection.ts";

/**
 * The logs of a profile's clusters without a data folder. Those of the last run are kept until the next one has started.
 *
 * Of two starts at once, the one that writes the connection file first is the profile's cluster. So each has a folder of
 * its own, and none removes that of a process that lives.
 */
export class ProfileLogs {
  /** Where the cluster that this process starts writes its logs. */
  readonly folder: string;
  readonly #all: string;

  constructor(profile: string) {
    this.#all = join(fantailHome(), `${profile}-logs`);
    this.folder = join(this.#all, String(process.pid));
    // Of an earlier process of this id.
    this.remove();
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Removes the logs of earlier runs. For the one that has written the connection file. */
  removeEarlier(): void {
    for (const name of readdirSync(this.#all))
      if (!ownerIsAlive({ pid: Number(name) })) rmSync(join(this.#all, name), { recursive: true, force: true });
  }

  /** Removes the logs of a start that came to nothing. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
