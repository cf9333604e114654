import { createHash } from "node:crypto";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { tokenizer } from "acorn";
import type { SourceFile } from "./source-files.ts";

/** The counts of one file. */
export interface FileCensus {
  path: string;
  bytes: number;
  lines: number;
  /**
   * Number of tokens, as counted by acorn. In files that are not plain JavaScript (types, JSX), counting stops at the
   * first unknown token.
   */
  tokens: number;
  /** Compressed sizes in bytes. */
  gzip: number;
  brotli: number;
  sha256: string;
}

/**
 * Counts one file. Runs on an engine: the Node modules and npm packages that this function uses are sent with it.
 *
 * Most of the time goes into Brotli at its default quality, 11, which suits files that are compressed once and served
 * often.
 */
export function census({ path, text }: SourceFile): FileCensus {
  const bytes = Buffer.from(text);
  let tokens = 0;
  try {
    for (const _ of tokenizer(text, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true })) tokens++;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return {
    path,
    bytes: bytes.length,
    lines: text.split("\n").length,
    tokens,
    gzip: bytes.length === 0 ? 0 : gzipSync(bytes).length / bytes.length,
    brotli: bytes.length === 0 ? 0 : brotliCompressSync(bytes).length / bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** The totals of all files. Ratios are weighted by size. */
export interface CensusTotals {
  files: number;
  bytes: number;
  lines: number;
  tokens: number;
  gzip: number;
  brotli: number;
  /**
   * SHA-256 of all files' hashes in order. Equal hashes mean that every file was counted unchanged and in its place.
   */
  sha256: string;
}

export function totalsOf(counted: readonly FileCensus[]): CensusTotals {
  const totals: CensusTotals = { files: counted.length, bytes: 0, lines: 0, tokens: 0, gzip: 0, brotli: 0, sha256: "" };
  const hash = createHash("sha256");
  for (const file of counted) {
    totals.bytes += file.bytes;
    totals.lines += file.lines;
    totals.tokens += file.tokens;
    totals.gzip += file.gzip * file.bytes;
    totals.brotli += file.brotli * file.bytes;
    hash.update(file.sha256);
  }
  totals.gzip /= Math.max(1, totals.bytes);
  totals.brotli /= Math.max(1, totals.bytes);
  totals.sha256 = hash.digest("hex");
  return totals;
}
