import { AsyncLocalStorage } from "node:async_hooks";
import { Writable } from "node:stream";
import { styleText } from "node:util";
import { printable } from "./printable.ts";

/** Where a command writes. */
export interface Streams {
  stdout: Output;
  stderr: Output;
}

interface Output {
  /** Whether it is a terminal. Default: false. */
  readonly isTTY?: boolean;
  /** Width of the terminal. Default: unknown. */
  readonly columns?: number;
  /** Height of the terminal. Default: unknown. */
  readonly rows?: number;
  write(text: string): unknown;
}

/** A line whose control characters are escaped already, and which may contain colors. */
export interface SafeLine {
  readonly safe: string;
}

/** A color or weight of text. One name and not a list, because with a list Node 20 colors text for pipes too. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Number of lines that `redraw` has drawn on an output. */
const drawn = new WeakMap<Output, number>();
const current = new AsyncLocalStorage<Streams>();

/** Runs a command whose output goes to these streams. */
export function withStreams<T>(streams: Streams, command: () => Promise<T>): Promise<T> {
  return current.run(streams, command);
}

/** The output of all commands. Escapes control characters on a terminal; files and pipes get the text unchanged. */
export const terminal = {
  /** Writes a result. */
  out(text: string): void {
    write(streams().stdout, text);
  },
  /** Writes lines of a result. */
  lines(lines: readonly (string | SafeLine)[]): void {
    const { stdout } = streams();
    const safe = lines.map((line) => (typeof line !== "string" ? line.safe : safeOn(stdout, line)));
    stdout.write(`${safe.join("\n")}\n`);
  },
  /** Writes errors and notices. */
  err(text: string): void {
    write(streams().stderr, text);
  },
  /** Whether results, or errors, are shown on a terminal. */
  get isShown(): boolean {
    return streams().stdout.isTTY === true;
  },
  get isErrShown(): boolean {
    return streams().stderr.isTTY === true;
  },
  /** Draws lines of a result on a terminal, over those of the previous call. If not all fit, draws the last ones. */
  redraw(lines: readonly SafeLine[]): void {
    const { stdout } = streams();
    const shown = lines.slice(-Math.max(1, (stdout.rows ?? lines.length + 1) - 1));
    const before = drawn.get(stdout) ?? 0;
    stdout.write(`${before > 0 ? `\x1b[${before}A\x1b[J` : ""}${shown.map(({ safe }) => `${safe}\n`).join("")}`);
    drawn.set(stdout, shown.length);
  },
  /** Replaces the current line of a terminal by a notice that changes. An empty text removes the notice. */
  errLine(text: string): void {
    streams().stderr.write(`\r\x1b[K${printable(text)}`);
  },
  /** Number of columns into which results must fit; undefined for files and pipes. */
  get columns(): number | undefined {
    const { isTTY, columns } = streams().stdout;
    return isTTY && columns ? columns : undefined;
  },
  /**
   * Colors text of a result if Node would color the output: on a terminal, or as the variables FORCE_COLOR and
   * NO_COLOR say. Control characters in the text must already be escaped.
   */
  style(style: Style | undefined, text: string): string {
    const { stdout } = streams();
    return style && stdout instanceof Writable ? styleText(style, text, { stream: stdout }) : text;
  },
};

function streams(): Streams {
  return current.getStore() ?? process;
}

function write(stream: Output, text: string): void {
  stream.write(safeOn(stream, text));
}

function safeOn(stream: Output, text: string): string {
  return stream.isTTY ? printable(text) : text;
}
