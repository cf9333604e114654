/** Amounts that AWS bills for, counted by the process that used them. */
export interface Usage {
  /** Requests of Lambda: one per invocation. */
  invocations: number;
  /** Run time multiplied by memory, in gigabyte-milliseconds, by CPU architecture. */
  armGbMs: number;
  x86GbMs: number;
  /** Request units of DynamoDB. */
  writeUnits: number;
  readUnits: number;
  /** Requests of S3. */
  puts: number;
  gets: number;
  /** Bytes that left AWS. */
  bytesOut: number;
}

/** The names of the counts. Stored usage refers to positions in this list, so only append to it. */
export const USAGE_COUNTS = [
  "invocations",
  "armGbMs",
  "x86GbMs",
  "writeUnits",
  "readUnits",
  "puts",
  "gets",
  "bytesOut",
] as const satisfies readonly (keyof Usage)[];

/** A new usage with all counts 0. */
export function noUsage(): Usage {
  return { invocations: 0, armGbMs: 0, x86GbMs: 0, writeUnits: 0, readUnits: 0, puts: 0, gets: 0, bytesOut: 0 };
}

/** Adds a usage, or a share of it, to another in place. */
export function addUsage(to: Usage, from: Readonly<Usage>, share = 1): void {
  for (const name of USAGE_COUNTS) to[name] += from[name] * share;
}

/** A usage as a list of numbers, as it is stored: in the order of `USAGE_COUNTS`, without the zeros at its end. */
export type PackedUsage = readonly number[];

/** Whether the value is a stored usage. */
export function isPackedUsage(value: unknown): value is PackedUsage {
  return Array.isArray(value) && value.every((count: unknown) => typeof count === "number");
}

/** Packs a usage, rounded to hundredths; undefined if nothing was used. */
export function packUsage(usage: Readonly<Usage>): PackedUsage | undefined {
  const packed = USAGE_COUNTS.map((name) => Math.round(usage[name] * 100) / 100);
  while (packed.at(-1) === 0) packed.pop();
  return packed.length === 0 ? undefined : packed;
}

/** Unpacks a stored usage. Counts that a later version has added are left out. */
export function unpackUsage(packed: PackedUsage): Usage {
  const usage = noUsage();
  for (const [at, name] of USAGE_COUNTS.entries()) usage[name] = packed[at] ?? 0;
  return usage;
}
