import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";

/** Characters kept in memory of each function's log. */
const KEPT_CHARS = 256 * 1024;

/** What a function's environments wrote to stdout and stderr: the last of it in memory, all of it in a file where there is a folder. */
export class FunctionLog {
  #chunks: string[] = [];
  #chars = 0;
  readonly #file: WriteStream | undefined;

  constructor(name: string, folder: string | undefined) {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = createWriteStream(join(folder, `${name}.log`), { flags: "a", mode: 0o600 });
    // A log that cannot be written must not stop the function.
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
