import { dropNote, OUTPUT_CHARS } from "./kept-output.ts";

const STREAMS = ["stdout", "stderr"] as const;
export type OutputStream = (typeof STREAMS)[number];

/** The output of one running task so far. */
export interface LiveOutput {
  stdout: string;
  stderr: string;
}

const NOBODY = -1;
const MAX_DROPPED = 2 ** 31 - 1;
/**
 * Bytes before the characters. They hold the position of the task that wrote last and, for each stream, the numbers of
 * characters kept and dropped.
 */
const HEAD_BYTES = 32;

/**
 * The output of a thread's running task, in memory shared with its supervisor. The supervisor can read it even if the
 * task never yields, and however the thread ends. Writing costs a copy of the output, but no message.
 */
export class SharedOutput {
  readonly memory: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #chars: Record<OutputStream, Uint16Array>;

  /** @param given the other thread's memory; absent in the thread that creates it */
  constructor(given?: SharedArrayBuffer) {
    const memory = given ?? new SharedArrayBuffer(HEAD_BYTES + STREAMS.length * 2 * OUTPUT_CHARS);
    this.memory = memory;
    this.#head = new Int32Array(memory, 0, HEAD_BYTES / 4);
    this.#chars = {
      stdout: new Uint16Array(memory, HEAD_BYTES, OUTPUT_CHARS),
      stderr: new Uint16Array(memory, HEAD_BYTES + 2 * OUTPUT_CHARS, OUTPUT_CHARS),
    };
    if (given === undefined) this.forget();
  }

  /** Supervisor: clears the output before the next lease, whose positions start at 0 again. */
  forget(): void {
    Atomics.store(this.#head, 0, NOBODY);
  }

  /**
   * Worker: appends output of the task at this position. `dropped` counts all characters of the stream that were not
   * kept.
   */
  append(position: number, stream: OutputStream, text: string, dropped: number): void {
    if (this.#at(0) !== position) this.#begin(position);
    const offset = offsetOf(stream);
    const length = this.#at(offset);
    const chars = this.#chars[stream];
    const kept = Math.min(text.length, OUTPUT_CHARS - length);
    for (let at = 0; at < kept; at++) chars[length + at] = text.charCodeAt(at);
    // The length is stored after the characters, so that a thread that sees the length also sees the characters.
    Atomics.store(this.#head, offset, length + kept);
    Atomics.store(this.#head, offset + 1, Math.min(dropped, MAX_DROPPED));
  }

  /** Supervisor: the output of the task at this position; undefined if it wrote nothing, or another task wrote last. */
  read(position: number): LiveOutput | undefined {
    if (this.#at(0) !== position) return undefined;
    const output = { stdout: this.#text("stdout"), stderr: this.#text("stderr") };
    return this.#at(0) === position ? output : undefined;
  }

  #begin(position: number): void {
    Atomics.store(this.#head, 0, NOBODY);
    for (const stream of STREAMS)
      for (const offset of [offsetOf(stream), offsetOf(stream) + 1]) Atomics.store(this.#head, offset, 0);
    Atomics.store(this.#head, 0, position);
  }

  #text(stream: OutputStream): string {
    const offset = offsetOf(stream);
    const chars = this.#chars[stream].slice(0, this.#at(offset));
    return Buffer.from(chars.buffer).toString("utf16le") + dropNote(this.#at(offset + 1));
  }

  #at(offset: number): number {
    return Atomics.load(this.#head, offset);
  }
}

function offsetOf(stream: OutputStream): number {
  return stream === "stdout" ? 1 : 3;
}

/** The output as fields of an outcome, without empty streams. */
export function outputFields(output: LiveOutput | undefined): { stdout?: string; stderr?: string } {
  return {
    ...(output?.stdout ? { stdout: output.stdout } : {}),
    ...(output?.stderr ? { stderr: output.stderr } : {}),
  };
}
