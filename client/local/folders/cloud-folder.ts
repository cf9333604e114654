import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processIsAlive } from "../../connection/process-is-alive.ts";

const NAME = /^fantail-cloud-(\d+)-/;

/** Creates the temporary folder of the cloud that this process runs. */
export function makeCloudFolder(): string {
  return mkdtempSync(join(tmpdir(), `fantail-cloud-${process.pid}-`));
}

/** Removes the folders of clouds that were killed together with every process that would have removed them. */
export function removeForsakenFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || processIsAlive(pid)) continue;
    try {
      // Retry, because processes that were killed a moment ago may still be writing there.
      rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // The folder belongs to another user, or a process is still writing there.
    }
  }
}
