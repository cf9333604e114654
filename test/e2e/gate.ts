import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";

/** A gate at which tasks wait until the test opens it. It is a file, since engines are other processes. */
export class Gate {
  readonly path = join(tmpdir(), `gate-${ulid()}`);

  open(): void {
    writeFileSync(this.path, "");
  }
}

/** Resolves, in a task, once the gate at this path is open. */
export async function opened(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
}
