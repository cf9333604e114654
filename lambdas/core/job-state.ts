import type { Row } from "../protocol/rows.ts";
import { UnreadableRow } from "../protocol/unreadable-row.ts";

/** The properties of a job state. Code that depends on a job's state tests one of these. */
interface JobStateFacts {
  meaning: string;
  /** Whether tasks can be claimed from the job's cursor. */
  givesTasks: boolean;
  /** Whether the job's tasks may still be aborted. */
  canAbort: boolean;
  /** Whether every task is known to have an outcome. */
  hasEnded: boolean;
  /** Whether the job's outcomes can still be read. */
  isKnown: boolean;
}

/** The states of a job. Rows store the name, so an existing name must never change its meaning. */
export const JOB_STATES = {
  submitting: {
    meaning: "parts of its submission are still to come",
    ...{ givesTasks: false, canAbort: true, hasEnded: false, isKnown: true },
  },
  open: {
    meaning: "its tasks can be claimed, run and end",
    ...{ givesTasks: true, canAbort: true, hasEnded: false, isKnown: true },
  },
  ending: {
    meaning: "its submission was given up: each of its tasks gets an outcome that says so",
    ...{ givesTasks: false, canAbort: false, hasEnded: false, isKnown: true },
  },
  closed: {
    meaning: "each of its tasks has its outcome",
    ...{ givesTasks: false, canAbort: false, hasEnded: true, isKnown: true },
  },
  purging: {
    meaning: "its rows are being deleted",
    ...{ givesTasks: false, canAbort: false, hasEnded: true, isKnown: false },
  },
  purged: {
    meaning: "only its own row is left, so that its idempotency key is not used again",
    ...{ givesTasks: false, canAbort: false, hasEnded: true, isKnown: false },
  },
} as const satisfies Record<string, JobStateFacts>;

export type JobState = keyof typeof JOB_STATES;

/** A move of a job from one state to another. */
export interface JobMove {
  /**
   * States in which the move is allowed; the write is conditional on the job being in one of them. If this is empty,
   * the write creates the row, if there is none.
   */
  from: readonly JobState[];
  to: JobState;
  /** What triggers the move. */
  when: string;
}

/** Every legal move of a job. Each write of a job's state is one of these moves, conditional on the move's `from`. */
export const JOB_MOVES = {
  begin: {
    from: [],
    to: "submitting",
    when: "a part of its submission arrives that is not the last, or its idempotency key is claimed",
  },
  submit: { from: [], to: "open", when: "its submission arrives in one message" },
  complete: { from: ["submitting"], to: "open", when: "the last part of its submission arrives" },
  giveUp: { from: ["submitting", "ending"], to: "ending", when: "its submission is not complete after two minutes" },
  close: { from: ["open", "ending"], to: "closed", when: "each of its tasks has its outcome" },
  purge: {
    from: ["submitting", "open", "ending", "closed"],
    to: "purging",
    when: "each of its tasks has its outcome and was purged",
  },
  leaveKey: {
    from: ["purging"],
    to: "purged",
    when: "its other rows are deleted, and it has an idempotency key; without one its own row is deleted too",
  },
} as const satisfies Record<string, JobMove>;

/**
 * States in which tasks can be claimed from the job's cursor. Each claim is conditional on the job being in one of
 * them.
 */
export const CLAIMABLE_STATES: readonly JobState[] = Object.keys(JOB_STATES)
  .filter(isJobState)
  .filter((state) => JOB_STATES[state].givesTasks);

function isJobState(text: string): text is JobState {
  return Object.hasOwn(JOB_STATES, text);
}

/**
 * Reads the state in a job's row.
 *
 * @throws UnreadableRow for a state that this version does not know
 */
export function jobStateOf(row: Pick<Row, "pk" | "sk" | "state">): JobState {
  const { state = "" } = row;
  if (!isJobState(state)) throw new UnreadableRow(row, `its state is ${JSON.stringify(state)}`);
  return state;
}

/** Returns the properties of the state in a job's row. */
export function jobFacts(row: Pick<Row, "pk" | "sk" | "state">): JobStateFacts {
  return JOB_STATES[jobStateOf(row)];
}

/** Whether the move is allowed in this state. */
export function canMove(move: JobMove, state: JobState): boolean {
  return move.from.includes(state);
}
