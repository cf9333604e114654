import type { TimelineRun } from "../../client/timeline/timeline-run.ts";

const JOB = "01HF7YAT0076YKJTZWW4MDMGDX";

/** A run on engine 0 from `started` to `completed`, in milliseconds, that succeeded. */
export function aRun(task: number, started: number, completed: number, more: Partial<TimelineRun> = {}): TimelineRun {
  const about = { kind: "run", job: JOB, task, attempt: 1, status: "ok", name: "square" } as const;
  const where = { engine: 0, pool: "default" };
  return {
    ...about,
    ...where,
    queued: 0,
    started,
    completed,
    received: completed,
    phases: {},
    error: undefined,
    ...more,
  };
}

/** A refusal by engine 0. */
export function aRefusal(task: number, at: number, more: Partial<TimelineRun> = {}): TimelineRun {
  return aRun(task, at, at, { kind: "refusal", status: "unmet", ...more });
}
