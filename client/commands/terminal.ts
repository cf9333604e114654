import { printable } from "./printable.ts";

/**
 * The only way by which a command writes. On a terminal text does nothing but appear; to a file or a program it goes as it is.
 */
export const terminal = {
  /** Writes a result. */
  out(text: string): void {
    write(process.stdout, text);
  },
  /** Writes what went wrong, or what should be known besides. */
  err(text: string): void {
    write(process.stderr, text);
  },
};

function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(stream.isTTY ? printable(text) : text);
}
