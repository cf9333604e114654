import { dropNote, OUTPUT_CHARS } from "./kept-output.ts";

const STREAMS = ["stdout", "stderr"] as const;
export type OutputStream = (typeof STREAMS)[number];

/** What one running task has written so far. */
export interface LiveOutput {
  stdout: string;
  stderr: string;
}

const NOBODY = -1;
const MOST_DROPPED = 2 ** 31 - 1;
/** The writer's position, then for each stream how many characters are kept, and how many were dropped. */
const HEAD_BYTES = 32;

/**
 * What the running task of a thread has written, in memory that its supervisor shares: it is all there however the thread
 * ends, also where the task never gave it the time to tell. Costs a copy of what is written, and no message.
 */
export class SharedOutput {
  readonly memory: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #chars: Record<OutputStream, Uint16Array>;

  /** @param given the memory, in the thread that was given it */
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

  /** Supervisor: what comes next is of another lease, whose positions count from 0 again. */
  forget(): void {
    Atomics.store(this.#head, 0, NOBODY);
  }

  /** Worker: the task at this position has written so much more, of which `dropped` characters in all were not kept. */
  append(position: number, stream: OutputStream, text: string, dropped: number): void {
    if (this.#at(0) !== position) this.#begin(position);
    const place = placeOf(stream);
    const length = this.#at(place);
    const chars = this.#chars[stream];
    const kept = Math.min(text.length, OUTPUT_CHARS - length);
    for (let at = 0; at < kept; at++) chars[length + at] = text.charCodeAt(at);
    // After the characters, so that whoever sees the length sees them.
    Atomics.store(this.#head, place, length + kept);
    Atomics.store(this.#head, place + 1, Math.min(dropped, MOST_DROPPED));
  }

  /** Supervisor: what the task at this position has written; undefined when nothing, or when another has written since. */
  read(position: number): LiveOutput | undefined {
    if (this.#at(0) !== position) return undefined;
    const output = { stdout: this.#text("stdout"), stderr: this.#text("stderr") };
    return this.#at(0) === position ? output : undefined;
  }

  #begin(position: number): void {
    Atomics.store(this.#head, 0, NOBODY);
    for (const stream of STREAMS)
      for (const place of [placeOf(stream), placeOf(stream) + 1]) Atomics.store(this.#head, place, 0);
    Atomics.store(this.#head, 0, position);
  }

  #text(stream: OutputStream): string {
    const place = placeOf(stream);
    const chars = this.#chars[stream].slice(0, this.#at(place));
    return Buffer.from(chars.buffer).toString("utf16le") + dropNote(this.#at(place + 1));
  }

  #at(place: number): number {
    return Atomics.load(this.#head, place);
  }
}

function placeOf(stream: OutputStream): number {
  return stream === "stdout" ? 1 : 3;
}

/** The streams to which something was written, as an outcome tells them. */
export function outputFields(output: LiveOutput | undefined): { stdout?: string; stderr?: string } {
  return {
    ...(output?.stdout ? { stdout: output.stdout } : {}),
    ...(output?.stderr ? { stderr: output.stderr } : {}),
  };
}
