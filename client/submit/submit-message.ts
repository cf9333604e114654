import type { CodeUnit } from "../../lambdas/protocol/function-reference.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { SubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { PART_BYTES, type SealedJob } from "./job-draft.ts";

/** Maximum number of jobs in one message: the scheduler makes about five calls for each before it answers. */
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
   * created under the same idempotency key.
   */
  accept: (standing?: JobHeader) => void;
  refuse: (error: unknown) => void;
}

/** Another message, sent in turn among the jobs. */
export interface InTurn {
  ask: () => Promise<void>;
}

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
): string {
  const type: SubmitMessage["type"] = "submit";
  const parts = jobs.map(
    ({ header, pages, waits, last }) =>
      `{"header":${JSON.stringify(header)},"pages":[${pages}]${waits === "" ? "" : `,"waits":[${waits}]`},"last":${last}}`,
  );
  return `{"type":"${type}","units":${JSON.stringify(units)},"jobs":[${parts.join(",")}]}`;
}

/**
 * Builds the message for the jobs at the front of the queue that are ready and fit. The first one is always included.
 */
export function packMessages(
  queue: readonly (Outgoing | InTurn)[],
  unsent: (hash: string) => CodeUnit | undefined,
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
  return { text: submitMessage([...units.values()], texts), jobs };
}
