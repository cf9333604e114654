import type { FinalStatus } from "../protocol/outcome-page.ts";
import { JOB_STATES, type JobState } from "./job-state.ts";

/**
 * A state of a task. States are not stored, and the scheduler does not read them: it acts on the facts that they are
 * derived from (see `taskState`). The simulation derives every task's state whenever no scheduler is running, and
 * treats a move that is not in the table as a defect.
 */
export type TaskState = "submitted" | "waiting" | "ready" | "running" | FinalStatus;

/** What each state of a task means, in the order of a task's life. */
export const TASK_STATES: Record<TaskState, string> = {
  submitted: "its job's submission is not complete",
  waiting: "it waits for other tasks",
  ready: "it may run, and no engine has it; this includes a retry before its time",
  running: "it is in the lease of an engine, started or not, or parked there while it awaits tasks of its own",
  ok: "it returned",
  error: "it threw, or its result could not be encoded, and no attempt is left",
  lost: "its engine died under its last attempt",
  timeout: "it did not start or end in the time that its flags allow",
  aborted: "it was aborted, its job's budget was spent, or its submission was given up",
  impossible: "it can never start: its dependencies can no longer be met, or every engine has refused it",
};

/** A move of a task from one state to others. */
interface TaskMove {
  from: TaskState;
  to: readonly TaskState[];
  /** What triggers the move. */
  when: string;
}

/** Every legal move of a task. A task that has ended never moves again. */
export const TASK_MOVES: readonly TaskMove[] = [
  { from: "submitted", to: ["ready"], when: "its job is complete, and it waits for nothing" },
  { from: "submitted", to: ["waiting"], when: "its job is complete, and it depends on other tasks" },
  { from: "submitted", to: ["aborted"], when: "it is aborted, or the submission is given up" },
  { from: "waiting", to: ["ready"], when: "its dependencies are met" },
  {
    from: "waiting",
    to: ["impossible"],
    when: "a dependency can no longer be met, or leaves no engine on which it may run",
  },
  {
    from: "waiting",
    to: ["aborted", "timeout"],
    when: "it is aborted or times out, or its job's budget is spent",
  },
  { from: "ready", to: ["running"], when: "an engine with room gets it" },
  {
    from: "ready",
    to: ["aborted", "timeout"],
    when: "it is aborted or times out, or its job's budget is spent",
  },
  { from: "ready", to: ["impossible"], when: "no engine that may run it is left" },
  { from: "running", to: ["ok", "error", "lost", "timeout", "aborted"], when: "its last attempt ends that way" },
  { from: "running", to: ["impossible"], when: "the last engine that might have run it refuses it" },
  {
    from: "running",
    to: ["ready"],
    when: "an attempt fails with attempts left, an engine refuses it or returns it unstarted, or its engine dies",
  },
  {
    from: "running",
    to: ["waiting"],
    when: "it is returned unstarted, and a task of its lease that it waits for has not ended",
  },
];

/** The facts about a task at one moment. */
export interface TaskFacts {
  /** Status of the task's final outcome, from the job's outcome pages. */
  outcome: FinalStatus | undefined;
  /** Whether the task is in a lease or parked, by the engines' rows. */
  isHeld: boolean;
  /** Whether the task belongs to a wait group and has not been released, by the job's ledgers. */
  isWaiting: boolean;
  job: JobState;
}

/**
 * Derives the state of a task. An outcome takes precedence: an engine may still hold a task whose outcome is written.
 */
export function taskState({ outcome, isHeld, isWaiting, job }: TaskFacts): TaskState {
  if (outcome !== undefined) return outcome;
  if (isHeld) return "running";
  if (!JOB_STATES[job].givesTasks) return "submitted";
  return isWaiting ? "waiting" : "ready";
}

/** Whether a task can get from one state to the other in any number of moves. */
export function canReach(from: TaskState, to: TaskState): boolean {
  const reached = new Set<TaskState>([from]);
  for (const state of reached)
    for (const move of TASK_MOVES) if (move.from === state) for (const next of move.to) reached.add(next);
  return reached.has(to);
}
