import { createHash } from "node:crypto";
import { brotliDecompressSync } from "node:zlib";
import { holdsTask } from "../../core/parked.ts";
import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import { Refused } from "../../protocol/errors.ts";
import type { CodeUnit } from "../../protocol/function-reference.ts";
import type { AskMessage } from "../../protocol/report-messages.ts";
import type { SchedulerAnswer } from "../../protocol/scheduler-answer.ts";
import type { SubmitMessage } from "../../protocol/scheduler-messages.ts";
import { parseTaskId } from "../../protocol/task-id.ts";
import { type EngineInSession, heldSession } from "../rows/held-session.ts";
import { headerOf, jobHeader, readJob } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { notDescendant } from "../waiting/descendants.ts";
import type { Cluster } from "./cluster.ts";

/** Highest priority that a job may have. */
const MAX_PRIORITY = 1_000_000;

/** Maximum size of a code unit to decompress, in bytes of source. */
const UNIT_BYTES = 64 * 1024 * 1024;

/** The scheduler function's entry point. It parses the payload again, as for a client. */
type AnswerTo = (cluster: Cluster, payload: unknown) => Promise<SchedulerAnswer>;

/**
 * Answers a task's request to the scheduler. User code sends it, so each part is checked against the rights of the
 * session's tasks: new jobs become their children, only descendants can be aborted, and a code unit must match its
 * hash.
 */
export async function askForTask(cluster: Cluster, message: AskMessage, answerTo: AnswerTo): Promise<EngineAnswer> {
  const engine = await heldSession(cluster, message);
  if (!engine) return refused("the session is over, or belongs to another invocation");
  const { job, index } = parseTaskId(message.parent);
  if (!holdsTask(engine, job, index)) return refused(`task ${message.parent} does not belong to the session`);
  try {
    return { type: "asked", answer: await answered(cluster, engine, message, answerTo) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { type: "asked", answer: { type: "error", code: error.code, message: error.message } };
  }
}

async function answered(
  cluster: Cluster,
  engine: EngineInSession,
  { message, parent }: AskMessage,
  answerTo: AnswerTo,
): Promise<SchedulerAnswer> {
  switch (message.type) {
    case "submit":
      return answerTo(cluster, await ofParent(cluster, engine, message, parent));
    case "abort": {
      const jobs = message.jobs.map(({ job }) => job);
      const other = await notDescendant(cluster, engine, jobs);
      if (other !== undefined)
        throw new Refused(`job ${other} was not submitted by a task of this session, so the task cannot abort it`);
      return answerTo(cluster, message);
    }
    case "tick":
      return answerTo(cluster, message);
  }
}

/**
 * Makes the parent task the owner of a submission. Jobs without a priority of their own get one above the parent's: a
 * waiting parent occupies an engine's memory, and leaves it sooner if the tasks that it waits for run first.
 *
 * @throws Refused if the parent may not submit these jobs
 */
async function ofParent(
  cluster: JobAccess,
  engine: EngineInSession,
  message: SubmitMessage,
  parent: string,
): Promise<SubmitMessage> {
  const own = await jobHeader(cluster, parseTaskId(parent).job);
  const priority = Math.min(MAX_PRIORITY, (own?.flags.priority ?? 0) + 1);
  for (const unit of message.units) checkUnit(unit);
  const together = new Set(["", ...message.jobs.map(({ header }) => header.id)]);
  const before = [...referencedJobs(message)].filter((job) => !together.has(job));
  const other = await notDescendant(cluster, engine, before);
  if (other !== undefined)
    throw new Refused(
      `job ${other} was not submitted by a task of this session, so a task that this session submits cannot depend on it: submit that task from the script`,
    );
  const jobs = await Promise.all(
    message.jobs.map(async (job) => {
      const existing = await readJob(cluster, job.header.id);
      if (existing && headerOf(existing).parent !== parent)
        throw new Refused(
          `job ${job.header.id} exists already, and task ${parent} did not submit it: use another idempotency key`,
        );
      const flags = { priority, ...job.header.flags };
      return { ...job, header: { ...job.header, parent, flags } };
    }),
  );
  return { ...message, jobs };
}

/** Jobs that the submission depends on or resubmits from, and whose outcomes it would therefore reveal. */
function referencedJobs({ jobs }: SubmitMessage): Set<string> {
  const referenced = new Set<string>();
  for (const { header, waits = [] } of jobs) {
    if (header.resubmitOf) referenced.add(header.resubmitOf.job);
    for (const { after, follow } of waits)
      for (const { on } of follow ? [...after, follow] : after) for (const [job] of on) referenced.add(job);
  }
  return referenced;
}

/**
 * Checks a unit's hash. Units are stored by hash for every client, so a unit under a wrong hash would break other
 * clients' tasks.
 *
 * @throws Refused if the code cannot be decompressed, or has a different hash
 */
function checkUnit({ hash, body }: CodeUnit): void {
  let found: string | undefined;
  try {
    const source = brotliDecompressSync(Buffer.from(body, "base64"), { maxOutputLength: UNIT_BYTES });
    found = createHash("sha256").update(source).digest("hex");
  } catch {
    found = undefined;
  }
  if (found !== hash)
    throw new Refused(
      `the code of the function does not match its hash ${hash}: submit the function again from a new client`,
    );
}
