import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";

/** Maximum number of characters of each function's log in memory. */
const KEPT_CHARS = 256 * 1024;

/** A function's output (stdout and stderr): its end in memory and, if there is a folder, all of it in a file. */
export class FunctionLog {
  #chunks: string[] = [];
  #chars = 0;
  readonly #file: WriteStream | undefined;

  constructor(name: string, folder: string | undefined) {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = createWriteStream(join(folder, `${name}.log`), { flags: "a", mode: 0o600 });
    // An unwritable log must not stop the function.
    this.#file.on("error", () => {});
  }

  write(text: string): void {
    this.#chunks.push(text);
    this.#chars += text.length;
    while (this.#chars > KEPT_CHARS && this.#chunks.length > 1) this.#chars -= this.#chunks.shift()?.length ?? 0;
    this.#file?.write(text);
  }

  read(): string {
    return this.#chunks.join("");
  }
}
