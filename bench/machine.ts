import { cpus, loadavg, release, totalmem } from "node:os";
import * as v from "valibot";

/** The machine of a measurement, as stored with its results. */
export const Machine = v.object({
  cpu: v.string(),
  cores: v.number(),
  memoryGb: v.number(),
  system: v.string(),
  node: v.string(),
  /** Load average of the minute before the first run. A value above a few tenths means that the machine was busy. */
  loadBefore: v.number(),
});
export type Machine = v.InferOutput<typeof Machine>;

/** Describes this machine, with its load until now. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
}
