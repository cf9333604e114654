import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fantailHome, ownerIsAlive } from "../connection/connection.ts";

/**
 * The logs of a profile's clusters that have no data folder. They are kept until the next cluster of the profile has
 * started.
 *
 * If two clusters of a profile start at once, the first to write the connection file wins. So each process has its own
 * log folder, and removes only folders of processes that have ended.
 */
export class ProfileLogs {
  /** Log folder of the cluster that this process starts. */
  readonly folder: string;
  readonly #all: string;

  constructor(profile: string) {
    this.#all = join(fantailHome(), `${profile}-logs`);
    this.folder = join(this.#all, String(process.pid));
    // An earlier process with the same id may have left its logs.
    this.remove();
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Removes the logs of processes that have ended. Call this after the connection file was written. */
  removeEarlier(): void {
    for (const name of readdirSync(this.#all))
      if (!ownerIsAlive({ pid: Number(name) })) rmSync(join(this.#all, name), { recursive: true, force: true });
  }

  /** Removes this process's own logs, for example after a failed start. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
