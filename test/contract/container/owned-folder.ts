import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";

/** Retries while another process still writes into the folder. */
const REMOVE_AT_END = 'cat > /dev/null; until rm -rf "$1"; do sleep 0.2; done';

/** A new folder that is removed with its contents when it is disposed of or this process ends, for whatever reason. */
export class OwnedFolder implements Disposable {
  readonly path: string;
  readonly #keeper;

  /** @param prefix of its path */
  constructor(prefix: string) {
    this.path = mkdtempSync(prefix);
    this.#keeper = spawn("sh", ["-c", REMOVE_AT_END, "sh", this.path], {
      // An interrupt of this process must not reach it.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#keeper.unref();
  }

  /** Returns the path of an entry of the folder. */
  in(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Removes the folder in the background, since that takes long on a busy disk. */
  [Symbol.dispose](): void {
    this.#keeper.stdin?.destroy();
  }
}
