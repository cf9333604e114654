import * as v from "valibot";
import { differentVersions, faultIn } from "./answer-fault.ts";
import { ClusterError } from "./errors.ts";
import { CodeUnit } from "./function-reference.ts";
import { Grant, unreadableTasks } from "./grant.ts";
import type { Row } from "./rows.ts";
import { SchedulerAnswer, StoredPage } from "./scheduler-answer.ts";

/** Index ranges, `to` exclusive. */
const Ranges = v.array(v.tuple([v.number(), v.number()]));

/** Parked tasks to stop, by job. */
const ParkedAborts = v.array(v.object({ job: v.string(), ranges: Ranges }));
export type ParkedAborts = v.InferOutput<typeof ParkedAborts>;

/** Outcome pages as they are stored. */
const Pages = v.array(v.object({ sk: v.string(), body: v.string() }));

/** An outcome page that the message stored, of a job that a task of the session has submitted. */
export type EndedChildren = StoredPage;

/** The page that the message stored; only in answers to messages that may store one. */
const ended = v.exactOptional(StoredPage);

/** The fields of a job's row that a task may read. */
const JobRow: v.GenericSchema<unknown, Row> = v.object({
  pk: v.string(),
  sk: v.string(),
  body: v.string(),
  from: v.optional(v.number()),
  to: v.optional(v.number()),
  state: v.optional(v.string()),
  aborted: v.optional(v.array(v.string())),
  rev: v.optional(v.number()),
  purged: v.optional(v.array(v.string())),
  dependents: v.optional(v.boolean()),
  expires: v.optional(v.number()),
});

/** The report function's answer to an engine. Fields that a later version adds are left out. */
export const EngineAnswer = v.variant("type", [
  /** Answers `begin`: run `grant` or, if it is absent, the lease in the event. */
  v.object({ type: v.literal("began"), grant: v.exactOptional(Grant) }),
  /** Answers `report`, `park` and `next`: run this lease next. */
  v.object({ type: v.literal("lease"), grant: Grant, ended }),
  /**
   * Answers a `report` with `running`: continue. The lease now has the number `seq` and holds only the running tasks
   * and, if the report asked for `more`, the tasks of `grant`.
   */
  v.object({ type: v.literal("continue"), seq: v.number(), grant: v.exactOptional(Grant), ended }),
  /** Answers `report`, `park` and `next`: there is no work, so end the invocation. */
  v.object({ type: v.literal("idle") }),
  /**
   * Answers `heartbeat`: stop these tasks of the running lease. Unstarted tasks end as aborted at once. A running task
   * gets its AbortSignal, and is killed if it does not end.
   */
  v.object({ type: v.literal("alive"), aborting: Ranges, parked: v.exactOptional(ParkedAborts) }),
  /**
   * Answers `park`, `next`, and the `report` of the last lease: there is no work besides the parked tasks. Ask again.
   */
  v.object({ type: v.literal("waiting"), seq: v.number(), parked: v.exactOptional(ParkedAborts), ended }),
  /** Answers `settle`: the outcome is stored. */
  v.object({ type: v.literal("settled"), ended }),
  /** Answers `ask`, with the scheduler's answer. */
  v.object({ type: v.literal("asked"), answer: SchedulerAnswer }),
  /** Answers a `read` of a job's row. */
  v.object({ type: v.literal("row"), row: v.exactOptional(JobRow) }),
  /**
   * Answers a `read` of outcome pages; `more`: whether there are more pages after the last one. `also` answers the
   * further ranges in the message's `also`, in the same order.
   */
  v.object({
    type: v.literal("pages"),
    pages: Pages,
    more: v.boolean(),
    also: v.exactOptional(v.array(v.object({ pages: Pages, more: v.boolean() }))),
  }),
  v.object({ type: v.literal("units"), units: v.array(CodeUnit) }),
  /**
   * The message is rejected, most often because the session or lease does not belong to the sender, or no longer does.
   * The sender must then stop at once, and write nothing.
   */
  v.object({ type: v.literal("refused"), message: v.string() }),
]);
export type EngineAnswer = v.InferOutput<typeof EngineAnswer>;

/** The answer to an engine whose message is rejected. */
export function refused(message: string): EngineAnswer {
  return { type: "refused", message };
}

/**
 * Parses the answer of the report function.
 *
 * @throws ClusterError if the answer cannot be read, as when scheduler and engine have different versions
 */
export function parseEngineAnswer(answer: unknown): EngineAnswer {
  const parsed = v.safeParse(EngineAnswer, answer, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const fault = faultIn(parsed.issues[0]);
  if (/ at grant\b/.test(fault)) throw unreadableTasks(fault);
  throw new ClusterError(
    `cannot read the report function's answer (${fault}); ${differentVersions("engine and scheduler")}. The answer: ${JSON.stringify(answer)?.slice(0, 200)}`,
  );
}
