import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";

/** Waits for whoever still writes into the folder. */
const REMOVE_AT_END = 'cat > /dev/null; until rm -rf "$1"; do sleep 0.2; done';

/** A new folder that is removed with all that is in it when it is disposed of, or when this process ends, however that happens. */
export class OwnedFolder implements Disposable {
  readonly path: string;
  readonly #keeper;

  /** @param prefix of its path */
  constructor(prefix: string) {
    this.path = mkdtempSync(prefix);
    this.#keeper = spawn("sh", ["-c", REMOVE_AT_END, "sh", this.path], {
      // What interrupts this process does not reach it.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#keeper.unref();
  }

  /** The path of something in it. */
  in(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Has it removed; nobody waits for that, which takes its time on a busy disk. */
  [Symbol.dispose](): void {
    this.#keeper.stdin?.destroy();
  }
}
