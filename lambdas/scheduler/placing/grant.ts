import { type Lease, leaseIndexRanges } from "../../core/lease.ts";
import { leaseAimMs } from "../../core/lease-size.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { type CodeUnit, type FunctionReference, unitsOf } from "../../protocol/function-reference.ts";
import { type Grant, type GrantedTask, NEVER } from "../../protocol/grant.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { TaskArguments } from "../../protocol/spec-page.ts";
import { readUnits } from "../rows/code-units.ts";
import { deadlineOf, jobHeader } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { specPages } from "../rows/spec-pages.ts";
import { hasWaits, waitGraph } from "../rows/wait-rows.ts";
import { withResults } from "../waiting/result-arguments.ts";
import { grantedNames } from "./granted-names.ts";
import { grantedTasks } from "./granted-tasks.ts";
import type { GrantContext } from "./placing-context.ts";

/** Maximum size of the code inside an answer, in characters. The engine fetches the rest. */
const ANSWER_UNIT_CHARS = 600_000;

/** Arguments of a task that will not run in this lease. */
const NO_ARGUMENTS = "J[]";

/** A lease, the id of the engine that holds it, and the lease's number in the engine's session. */
interface GrantedLease {
  engine: number;
  lease: Lease;
  seq: number;
  /** Whether more work is waiting. */
  more?: boolean | undefined;
}

/**
 * Builds the lease as the engine receives it: the specs of its tasks, and the code that the engine does not have.
 *
 * @param have hashes of code units that the engine has
 * @param known the job's header, if the caller has it
 * @throws ClusterError if the job or a task's spec is missing from the table
 */
export async function grantFor(
  cluster: GrantContext,
  { engine, lease, seq, more }: GrantedLease,
  have: readonly string[],
  known?: JobHeader,
): Promise<Grant> {
  const header = known ?? (await jobHeader(cluster, lease.job));
  if (!header) throw new ClusterError(`the record of job ${lease.job} is missing: submit the job again`);
  const pages = await specPages(cluster, header, leaseIndexRanges(lease));
  const graph = hasWaits(header) ? await waitGraph(cluster, lease.job) : undefined;
  const { tasks, functions, references } = grantedTasks(header, lease, pages, graph);
  const results = references.length > 0 ? await giveResults(cluster, references) : undefined;
  const names = header.names && (await grantedNames(cluster, header.names, engine, functions));
  const grant: Grant = {
    job: lease.job,
    seq,
    tasks,
    functions,
    units: await unitsFor(cluster, functions, have),
    chunked: header.chunked,
    aimMs: leaseAimMs(tasks.length, cluster.memory.jobs.lengths.get(lease.job)?.meanMs),
    ...(names ? { names } : {}),
    ...(results ? { results } : {}),
  };
  if (cluster.config.hwm !== "adaptive") grant.keep = true;
  else if (!lease.alone && tasks.length < header.tasks) {
    grant.ahead = true;
    if (more) grant.more = true;
  }
  if (header.flags.runTimeoutMs) grant.runTimeoutMs = header.flags.runTimeoutMs;
  if (header.traceparent !== undefined)
    grant.trace = { traceparent: header.traceparent, tracestate: header.tracestate };
  const deadline = deadlineOf(header);
  if (deadline !== undefined) grant.deadlineAt = deadline;
  return grant;
}

/** Puts the results that tasks take into their arguments. A task whose results do not fit is returned unstarted. */
async function giveResults(cluster: JobAccess, references: readonly [GrantedTask, TaskArguments][]) {
  const lists = references.map(([, args]) => args);
  const { results, given } = await withResults(cluster, lists);
  for (const [at, [task]] of references.entries()) {
    const args = given[at];
    task[3] = args ?? NO_ARGUMENTS;
    if (args === undefined) task[4] = [NEVER];
  }
  return results;
}

/** Code units that the functions need and the engine lacks, as many as fit. */
async function unitsFor(
  cluster: GrantContext,
  functions: readonly FunctionReference[],
  have: readonly string[],
): Promise<CodeUnit[]> {
  const wanted = new Set<string>();
  for (const { code, at } of functions.flatMap(unitsOf)) if (at === "table") wanted.add(code);
  for (const hash of have) wanted.delete(hash);
  return readUnits(cluster, [...wanted], ANSWER_UNIT_CHARS);
}
