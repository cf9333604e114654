import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A task for a peer's worker. */
export type PeerTask =
  | { kind: "square"; x: number }
  | { kind: "squares"; xs: number[] }
  | { kind: "echo"; value: unknown }
  | { kind: "sleep"; ms: number }
  | { kind: "slowSquare"; x: number; ms: number }
  | { kind: "failOnce"; x: number };

/** Runs a task in a worker. */
export function runTask(task: PeerTask): unknown {
  switch (task.kind) {
    case "square":
      return task.x * task.x;
    case "squares":
      return task.xs.map((x) => x * x);
    case "echo":
      return task.value;
    case "sleep":
      return sleep(task.ms, task.ms);
    case "slowSquare":
      return sleep(task.ms, task.x * task.x);
    case "failOnce":
      return failOnce(task.x);
  }
}

/**
 * Squares a number. For one number in ten the first attempt fails; a file records that, for the worker that runs the
 * next attempt.
 */
function failOnce(x: number): number {
  if (x % 10 === 3 && isFirst(x)) throw new Error("the first attempt fails");
  return x * x;
}

function isFirst(x: number): boolean {
  try {
    closeSync(openSync(join(process.cwd(), `failed-${x}`), "wx"));
    return true;
  } catch {
    return false;
  }
}
