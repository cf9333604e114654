import { isPackedPhases, type PackedPhases, packPhases, unpackPhases } from "./attempt-phases.ts";
import { isEncodedValue } from "./encoded-parts.ts";
import type { EncodedValue } from "./function-reference.ts";
import type { Entry, OutcomePage } from "./outcome-page.ts";
import { isRecord } from "./record.ts";
import { expectWhole, isCount } from "./row-body.ts";

/**
 * The entries of a plain page in columns: consecutive indexes from `i` on, first attempts, all `ok` and final, no output.
 * `s` and `l`: starts and durations in hundredths of a millisecond, each start relative to the one before.
 */
export interface PackedColumns {
  i: number;
  s: number[];
  l: number[];
  v: (EncodedValue | 0)[];
  /** Phases of those entries that have any, by their position. */
  w?: [position: number, phases: PackedPhases][];
}

/** Packs the entries of a page in columns: about 15 bytes a task instead of 150. Undefined if the page is not plain. */
export function packColumns({ entries, received }: OutcomePage): PackedColumns | undefined {
  const [first] = entries;
  if (first === undefined || !entries.every((entry, at) => isPlain(entry, first.index + at))) return undefined;
  const columns: PackedColumns = { i: first.index, s: [], l: [], v: [] };
  let previous = received;
  for (const [at, entry] of entries.entries()) {
    const started = entry.started ?? received;
    const step = Math.round((started - previous) * 100);
    columns.s.push(step);
    // Compute the start time as the reader will compute it, so that rounding errors do not add up.
    previous += step / 100;
    columns.l.push(Math.round(((entry.completed ?? started) - started) * 100));
    columns.v.push(entry.value ?? 0);
    const phases = entry.phases && packPhases(entry.phases);
    if (!phases) continue;
    columns.w ??= [];
    columns.w.push([at, phases]);
  }
  return columns;
}

function isPlain(entry: Entry, index: number): boolean {
  return (
    entry.index === index &&
    entry.attempt === 1 &&
    entry.status === "ok" &&
    entry.final &&
    entry.started !== undefined &&
    entry.completed !== undefined &&
    entry.stdout === undefined &&
    entry.stderr === undefined
  );
}

/** Unpacks the columns of `packColumns` and appends their entries to a list. */
export function unpackColumns(columns: unknown, received: number, entries: Entry[]): void {
  expectWhole(isRecord(columns), "its columns are not an object");
  const { i: first, s: steps, l: lasted, v: values, w: phases } = columns;
  expectWhole(
    isCount(first) && Array.isArray(steps) && Array.isArray(lasted) && Array.isArray(values),
    "its columns are not lists",
  );
  expectWhole(steps.length === lasted.length && steps.length === values.length, "its columns have unequal lengths");
  const begun = entries.length;
  let started = received;
  for (let at = 0; at < steps.length; at++) {
    const step: unknown = steps[at];
    const length: unknown = lasted[at];
    const value: unknown = values[at];
    expectWhole(typeof step === "number" && typeof length === "number", "a time in its columns is not a number");
    started += step / 100;
    const entry: Entry = {
      index: first + at,
      attempt: 1,
      status: "ok",
      final: true,
      started,
      completed: started + length / 100,
    };
    if (value !== 0) {
      expectWhole(isEncodedValue(value), "a value in its columns is malformed");
      entry.value = value;
    }
    entries.push(entry);
  }
  if (phases !== undefined) addPhases(phases, entries, begun);
}

function addPhases(phases: unknown, entries: readonly Entry[], begun: number): void {
  expectWhole(Array.isArray(phases), "its phases are not a list");
  for (const one of phases) {
    const [at, packed]: unknown[] = Array.isArray(one) ? one : [];
    const entry = isCount(at) ? entries[begun + at] : undefined;
    expectWhole(entry !== undefined && isPackedPhases(packed), "the phases of an entry are malformed");
    entry.phases = unpackPhases(packed);
  }
}
