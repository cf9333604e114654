import { printable } from "./printable.ts";

/** The output of all commands. Escapes control characters on a terminal; files and pipes get the text unchanged. */
export const terminal = {
  /** Writes a result. */
  out(text: string): void {
    write(process.stdout, text);
  },
  /** Writes errors and notices. */
  err(text: string): void {
    write(process.stderr, text);
  },
};

function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(stream.isTTY ? printable(text) : text);
}
