import { readdirSync } from "node:fs";
import { processTree } from "../../bench/process-tree.ts";
import type { Material, Sample } from "./slope.ts";

/** A measured series, with what counts as material growth. */
export interface Series {
  material: Material;
  unit: string;
  samples: Sample[];
}

const MEMORY: Material = { least: 5, part: 0.05 };
const DESCRIPTORS: Material = { least: 4, part: 0.05 };
/** Of rows, files and processes that should be constant. */
const COUNT: Material = { least: 2, part: 0.02 };

/** Collects series of a run by name. */
export class SoakSamples {
  readonly series: Map<string, Series> = new Map();
  readonly #now: () => number;

  /** @param now seconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records a count that should be constant, such as the rows at rest. */
  count(name: string, value: number): void {
    this.#add(name, "", COUNT, value);
  }

  /** Records the memory and descriptors of this process and its descendants, added up by kind, and their number. */
  takeProcesses(): void {
    const byKind = new Map<string, { rssMb: number; descriptors: number; processes: number }>();
    for (const { id, name, rssMb } of processTree(process.pid)) {
      // The compiler with which tsx reads the sources of this process is none of the cluster's.
      const kind = kindOf(id, name);
      if (kind === undefined) continue;
      const sum = byKind.get(kind) ?? { rssMb: 0, descriptors: 0, processes: 0 };
      byKind.set(kind, {
        rssMb: sum.rssMb + rssMb,
        descriptors: sum.descriptors + descriptorsOf(id),
        processes: sum.processes + 1,
      });
    }
    for (const [kind, { rssMb, descriptors, processes }] of byKind) {
      this.#add(`${kind}: memory`, "MB", MEMORY, rssMb / processes);
      this.#add(`${kind}: descriptors`, "", DESCRIPTORS, descriptors / processes);
      this.#add(`${kind}: processes`, "", COUNT, processes);
    }
  }

  #add(name: string, unit: string, material: Material, value: number): void {
    const series = this.series.get(name) ?? { unit, material, samples: [] };
    this.series.set(name, series);
    series.samples.push([this.#now(), value]);
  }
}

function kindOf(id: number, name: string): string | undefined {
  if (id === process.pid) return "client";
  if (name.includes("Engine")) return "engine";
  if (/^(cloud|dynamodb)-process/.test(name)) return name.startsWith("cloud") ? "cloud" : "DynamoDB";
  return undefined;
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    // The process has just ended.
    return 0;
  }
}
