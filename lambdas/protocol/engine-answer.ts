import type { CodeUnit } from "./function-reference.ts";
import type { Grant } from "./grant.ts";
import type { Row } from "./rows.ts";
import type { SchedulerAnswer } from "./scheduler-answer.ts";

/** Index ranges, `to` exclusive. */
type Ranges = [from: number, to: number][];

/** Parked tasks to stop, by job. */
export type ParkedAborts = { job: string; ranges: Ranges }[];

export type EngineAnswer =
  /** To `begin`: run `grant` or, if absent, the one that came with the event. */
  | { type: "began"; grant?: Grant }
  /** To `report`: the next lease. */
  | { type: "lease"; grant: Grant }
  /** To `report` with `running`: continue; the lease now has this number and holds only those tasks. */
  | { type: "continue"; seq: number /** To `more`: tasks that the lease now also holds. */; grant?: Grant }
  /** To `report`: no work; end the invocation. */
  | { type: "idle" }
  /**
   * To `heartbeat`: tasks of the running lease to stop. Unstarted ones end as aborted, running ones after a grace
   * period.
   */
  | { type: "alive"; aborting: Ranges; parked?: ParkedAborts }
  /** To `park` and `next`, and to a `report` of the last lease: no work besides the parked tasks. Ask again. */
  | { type: "waiting"; seq: number; parked?: ParkedAborts }
  /** To `settle`: recorded. */
  | { type: "settled" }
  /** To `ask`: the scheduler's answer. */
  | { type: "asked"; answer: SchedulerAnswer }
  /** To `read` of a job's row. */
  | { type: "row"; row?: Row }
  /** To `read` of outcome pages; `more`: whether there are others after the last one. */
  | { type: "pages"; pages: { sk: string; body: string }[]; more: boolean }
  | { type: "units"; units: CodeUnit[] }
  /** The session or lease is not, or no longer, yours: stop at once, write nothing. */
  | { type: "refused"; message: string };
