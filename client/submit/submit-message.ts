import type { CodeUnit } from "../../lambdas/protocol/function-reference.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { StoredPage } from "../../lambdas/protocol/scheduler-answer.ts";
import type { SubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { PART_BYTES, type SealedJob } from "./job-draft.ts";

/**
 * Maximum number of jobs in one message. For each job, the scheduler makes about five calls to other services before it
 * answers.
 */
const MESSAGE_JOBS = 100;

/** One job being sent. */
export interface Outgoing {
  outcomes: JobOutcomes;
  /** Ids of other jobs that this one depends on. */
  parents: ReadonlySet<string>;
  sealed: SealedJob;
  /** Resolves when blobs and all parts but the last have arrived; undefined if there are none. */
  ready: Promise<void> | undefined;
  isReady: boolean;
  /**
   * Called when the scheduler has accepted the job. `standing`: the header of the job that an earlier submission
   * created under the same idempotency key. `ended`: the job's outcome page, if it came with the answer.
   */
  accept: (standing?: JobHeader, ended?: StoredPage) => void;
  refuse: (error: unknown) => void;
}

/** A message other than a job, which waits for its turn in the same queue. */
export interface InTurn {
  ask: () => Promise<void>;
}

/** Whether the client waits for this job's only task, and for nothing else. `code` identifies the task's function. */
export type IsAwaited = (outcomes: JobOutcomes, code: string) => boolean;

/** One `submit` message as JSON text, and the jobs in it. */
export interface SubmitMessageText {
  text: string;
  jobs: Outgoing[];
}

/**
 * Builds a `submit` message as JSON text. The pages are already text: to parse and stringify them again would double
 * the client's work.
 */
export function submitMessage(
  units: readonly CodeUnit[],
  jobs: readonly { header: JobHeader; pages: string; waits: string; last: boolean }[],
  isAwaited = false,
): string {
  const type: SubmitMessage["type"] = "submit";
  const parts = jobs.map(
    ({ header, pages, waits, last }) =>
      `{"header":${JSON.stringify(header)},"pages":[${pages}]${waits === "" ? "" : `,"waits":[${waits}]`},"last":${last}}`,
  );
  return `{"type":"${type}","units":${JSON.stringify(units)},"jobs":[${parts.join(",")}]${isAwaited ? ',"awaited":true' : ""}}`;
}

/**
 * Builds the message for the jobs at the front of the queue that are ready and fit. The first one is always included.
 *
 * @param isAwaited whether the client waits for this job, and for nothing else. Default: it does not
 */
export function packMessages(
  queue: readonly (Outgoing | InTurn)[],
  unsent: (hash: string) => CodeUnit | undefined,
  isAwaited: IsAwaited = () => false,
): SubmitMessageText {
  const units = new Map<string, CodeUnit>();
  const jobs: Outgoing[] = [];
  let bytes = 0;
  for (const outgoing of queue) {
    if ("ask" in outgoing) break;
    const fresh = [...outgoing.sealed.units]
      .flatMap((hash) => unsent(hash) ?? [])
      .filter(({ hash }) => !units.has(hash));
    bytes +=
      (outgoing.sealed.parts.at(-1)?.bytes ?? 0) + fresh.reduce((sum, { body }) => sum + body.length + 100, 1000);
    if (jobs.length > 0 && (!outgoing.isReady || bytes > PART_BYTES || jobs.length >= MESSAGE_JOBS)) break;
    for (const unit of fresh) units.set(unit.hash, unit);
    jobs.push(outgoing);
  }
  const texts = jobs.map(({ sealed: { header, parts } }) => ({
    header,
    pages: parts.at(-1)?.pages ?? "",
    waits: parts.at(-1)?.waits ?? "",
    last: true,
  }));
  const [only] = jobs.length === 1 && queue.length === 1 ? jobs : [];
  const isLone = only !== undefined && only.sealed.header.tasks === 1 && isAwaited(only.outcomes, codeOf(only.sealed));
  return { text: submitMessage([...units.values()], texts, isLone), jobs };
}

/** Identifies the code of a job's functions: by their code units or, if they are deployed, by their references. */
function codeOf({ units, functions }: SealedJob): string {
  return (units.size > 0 ? [...units] : functions).join();
}
