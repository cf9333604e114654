import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** One process of a tree, as Linux reports it. */
export interface ProcessUse {
  id: number;
  /**
   * When the process started, in ticks since boot. Linux reuses ids, but two processes with one id have different
   * starts.
   */
  startedAt: number;
  /** File name of the script that the process runs; for an execution environment, the function's name. */
  name: string;
  /** User and system time in milliseconds, including the time of the process's ended children. */
  cpuMs: number;
  /** Resident memory in megabytes. */
  rssMb: number;
}

/** Milliseconds per tick of Linux's process times. */
const TICK_MS = 10;
const PAGE_MB = 4096 / 2 ** 20;

/**
 * Reads a process and all its descendants from `/proc`. The first entry is the process itself. Without `/proc`, the
 * list is empty.
 */
export function processTree(root: number): ProcessUse[] {
  if (!existsSync("/proc/self/stat")) return [];
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const fields = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (!fields) continue;
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree.flatMap((pid) => useOf(pid) ?? []);
}

/** Returns the most memory that a process has had in RAM so far, in megabytes; undefined if Linux does not tell. */
export function peakRssMb(pid: number): number | undefined {
  try {
    const [, kb] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kb === undefined ? undefined : Number(kb) / 1024;
  } catch {
    return undefined;
  }
}

/** Returns the CPU time of a process and its descendants, in milliseconds; undefined without `/proc`. */
export function treeCpuMs(root = process.pid): number | undefined {
  const tree = processTree(root);
  return tree.length === 0 ? undefined : tree.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** Whether this process is still running. Another process with the same id does not count. */
export function stillRuns({ id, startedAt }: ProcessUse): boolean {
  const fields = statOf(id);
  return fields !== undefined && fields[0] !== "Z" && Number(fields[19]) === startedAt;
}

/** Returns the fields of `/proc/<pid>/stat` from the state on; undefined if the process has ended. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the command, which precedes these fields, may contain spaces.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function useOf(pid: number): ProcessUse | undefined {
  const fields = statOf(pid);
  if (!fields) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    id: pid,
    startedAt: Number(fields[19]),
    name: nameOf(pid),
    cpuMs: ticks * TICK_MS,
    rssMb: Number(fields[21]) * PAGE_MB,
  };
}

function nameOf(pid: number): string {
  const words = commandOf(pid).split("\0");
  const arn = words.find((word) => word.startsWith("arn:aws:lambda:"));
  if (arn !== undefined) return arn.slice(arn.lastIndexOf(":") + 1);
  return basename(words.slice(1).find((word) => /\.[cm]?[jt]s$/.test(word)) ?? words[0] ?? "");
}

/** Returns the command line of a process; empty if it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
