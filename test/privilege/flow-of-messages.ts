import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { aJob, jobId, ok, submitMessage } from "../simulation/a-job.ts";
import { failureRecord } from "../simulation/world.ts";
import type { PuppetCluster } from "./a-puppet-cluster.ts";

/** Tasks of each job. With one task per page, a lease of two reads two pages. */
const TASKS = Array.from({ length: 6 }, () => ok(1));

/** Runs a named step of a proof. */
export type Say = <T>(name: string, run: () => Promise<T>) => Promise<T>;

export interface ControlFunctions {
  scheduler: string;
  report: string;
}

/**
 * Sends clients' and engines' messages to the scheduler and report functions, from a job's submission to its purge, on
 * a cluster of one engine with a high-water mark of two. Nothing is queued or held at the end.
 *
 * @param round numbers the jobs
 */
export async function flowOfMessages(
  say: Say,
  puppets: PuppetCluster,
  functions: ControlFunctions,
  round: number,
): Promise<void> {
  const now = Date.now();
  const client = (name: string, message: unknown) =>
    say(name, async () => {
      const answer = await puppets.call(functions.scheduler, message);
      // In later rounds, lost rights may have left the tasks that a message is about unfinished.
      if (round === 0 && (answer as SchedulerAnswer).type === "error") throw new Error(JSON.stringify(answer));
    });
  /**
   * Begins an engine's session and loses it, which ends its leases. A session that never began would make the engine
   * rest.
   */
  const lose = async (engine: number) => {
    const { session } = await puppets.engine(engine);
    if (!session) return;
    const begin = { type: "begin", engine, session: session.id, nonce: "0".repeat(32), have: [] };
    await puppets.call(functions.report, begin);
    const lost = failureRecord({ engine, session: session.id, door: functions.report }, "lost");
    await say(`failure of engine ${engine}`, () => puppets.call(functions.report, lost));
  };
  // `targets` gives the job its own queue, which is listed: returning work to it writes two rows.
  const flags = { targets: "a" };
  const job = aJob(1000 * round + 1, now, { tasks: TASKS, pageTasks: 1, flags });
  await puppets.ageSweeps("off");
  await client("submit", submitMessage(job));
  await client("tick", { type: "tick" });
  // The engine has no room for this job, so that it is aborted in the queue.
  const queued = aJob(1000 * round + 2, now, { tasks: TASKS, flags });
  await client("submit more", submitMessage(queued));
  const all = [[0, TASKS.length]];
  await client("abort what is queued", { type: "abort", jobs: [{ job: queued.header.id, ranges: all }] });
  await playEngine(say, puppets, functions, 0);
  await client("queue", { type: "queue" });
  await client("status", { type: "status" });
  await client("sweep", { type: "sweep" });
  await client("abort", { type: "abort", jobs: [{ job: job.header.id, ranges: all }] });
  await lose(0);
  const again = { id: jobId(1000 * round + 100), from: job.header.id, ranges: [[0, 1]] };
  const submission = { flags: {}, without: [], submitted: now, client: "puppet" };
  await client("resubmit", { type: "resubmit", jobs: [again], ...submission });
  await client("abort again", { type: "abort", jobs: [{ job: again.id, ranges: [[0, 1]] }] });
  await lose(0);
  const values = [{ name: `x${round}`, engines: [0], value: "1" }];
  await client("push", { type: "push", units: [], values });
  await client("pull", { type: "pull", names: [`x${round}`, "y"], engines: [0] });
  await client("scale up", { type: "scale", pool: "a", count: 2 });
  await client("scale down", { type: "scale", pool: "a", count: 1 });
  await client("purge", { type: "purge", jobs: [{ job: job.header.id }] });
  await puppets.closeJobs();
  await puppets.ageSweeps("off");
  await client("sweep with nothing open", { type: "sweep" });
}

/**
 * Plays one session of an engine: most of its tasks end, one stays, and the session ends. Stops if it is refused: a
 * report that failed half way, for lack of a right, may have ended the session.
 */
async function playEngine(
  say: Say,
  puppets: PuppetCluster,
  functions: ControlFunctions,
  engine: number,
): Promise<void> {
  const { session } = await puppets.engine(engine);
  const who = { engine, session: session?.id ?? "", nonce: "0".repeat(32) };
  const report = async (name: string, message: Record<string, unknown>) => {
    const answer = await say(`${name} of engine ${engine}`, () => puppets.call(functions.report, message));
    return (answer as EngineAnswer).type !== "refused";
  };
  const ended = (index: number) => ({ index, status: "ok", value: "1", started: 1, completed: 2 });
  const held = async () => {
    const [lease] = (await puppets.engine(engine)).leases;
    return lease?.ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at)) ?? [];
  };
  if (!(await report("begin", { type: "begin", ...who, have: [] }))) return;
  const [task = 0] = await held();
  const output = [{ index: task, stdout: "so far", stderr: "" }];
  if (!(await report("heartbeat", { type: "heartbeat", ...who, seq: 1, output }))) return;
  if (!(await report("fetch", { type: "fetch", ...who, units: ["a".repeat(64)] }))) return;
  const plain = { type: "report", ...who, returned: [], running: [], leaving: false, have: [] };
  if (!(await report("report", { ...plain, seq: 1, entries: (await held()).map(ended) }))) return;
  await puppets.ageSweeps("on");
  const [running = 0, ...others] = await held();
  if (!(await report("partial report", { ...plain, seq: 2, entries: others.map(ended), running: [running] }))) return;
  if (!(await report("last report", { ...plain, seq: 3, entries: [ended(running)] }))) return;
  await report("leaving", { ...plain, seq: 4, entries: [], returned: await held(), leaving: true });
}
