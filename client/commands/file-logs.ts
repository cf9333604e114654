import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FunctionLines, LogSource, WantedLines } from "./log-source.ts";

const SUFFIX = ".log";

/** The logs of a cluster on this machine: a file for each function. */
export class FileLogs implements LogSource {
  readonly pauseMs = 250;
  readonly #folder: string;
  readonly #wanted: WantedLines;
  /** By file: how many bytes were read, and the bytes of a line whose end was not written yet. */
  readonly #read = new Map<string, { at: number; rest: Buffer }>();

  constructor(folder: string, wanted: WantedLines) {
    this.#folder = folder;
    this.#wanted = wanted;
  }

  async recent(): Promise<FunctionLines[]> {
    const { lines } = this.#wanted;
    return this.#files().map((name) => {
      const content = readFileSync(join(this.#folder, name));
      const found = this.#linesOf(name, content, 0).slice(-lines);
      return { function: name.slice(0, -SUFFIX.length), lines: found };
    });
  }

  async next(): Promise<FunctionLines[]> {
    return this.#files().flatMap((name) => {
      const file = join(this.#folder, name);
      const { at, rest } = this.#read.get(name) ?? { at: 0, rest: Buffer.alloc(0) };
      const { size } = statSync(file);
      if (size <= at) return [];
      const more = Buffer.alloc(size - at);
      const handle = openSync(file, "r");
      const count = readSync(handle, more, 0, more.length, at);
      closeSync(handle);
      const lines = this.#linesOf(name, Buffer.concat([rest, more.subarray(0, count)]), at - rest.length);
      return lines.length === 0 ? [] : [{ function: name.slice(0, -SUFFIX.length), lines }];
    });
  }

  #files(): string[] {
    const all = readdirSync(this.#folder).filter((name) => name.endsWith(SUFFIX));
    return all.filter((name) => this.#wanted.hasFunction(name)).sort();
  }

  /** Returns the wanted lines of bytes that begin at `from`, and notes how far the file was read. */
  #linesOf(name: string, bytes: Buffer, from: number): string[] {
    const end = bytes.lastIndexOf("\n") + 1;
    this.#read.set(name, { at: from + bytes.length, rest: bytes.subarray(end) });
    const lines = bytes.subarray(0, end).toString("utf8").split("\n");
    return lines.filter((line) => line !== "" && this.#wanted.hasLine(line));
  }
}
