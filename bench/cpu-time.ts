import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second in `/proc`, the same on every Linux system. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time of this process and all processes below it, in milliseconds: user and system time, with that of processes
 * which have ended. Only Linux tells it.
 *
 * @returns `undefined` elsewhere
 */
export function treeCpuMs(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const children = new Map<number, number[]>();
  const ticks = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const id = Number(name);
    const stat = Number.isInteger(id) ? readStat(id) : undefined;
    if (!stat) continue;
    ticks.set(id, stat.ticks);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), id]);
  }
  let sum = 0;
  const tree = [process.pid];
  for (let id = tree.pop(); id !== undefined; id = tree.pop()) {
    sum += ticks.get(id) ?? 0;
    tree.push(...(children.get(id) ?? []));
  }
  return (sum / TICKS_PER_SECOND) * 1000;
}

/** A process's parent and its ticks; `undefined` once it has ended. */
function readStat(id: number): { parent: number; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    // The name, in parentheses, may hold anything.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, ticks: user + system + endedUser + endedSystem };
  } catch {
    return undefined;
  }
}
