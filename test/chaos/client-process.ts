import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, FantailError } from "../../client/index.ts";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";
import { comparable, JOB_KINDS, type JobSpec, KIND_NAMES, readAgain } from "./job-kinds.ts";
import { jobsOf, RunFolder } from "./journal.ts";

/**
 * A client of a chaos run, in a process that may be killed at any time: the next one continues from the journal.
 *
 * Arguments: the run's folder, the run's seed, and `work` or `read`. With `work` it finishes the journal's jobs and
 * begins new ones until the file `stop` exists; with `read` it reads each submitted job by its ids, and prints it.
 */
const [path = "", seed = "0", mode = "work"] = process.argv.slice(2);
const JOBS_AT_ONCE = 8;
const folder = new RunFolder(path);
const client = await Client.connect(
  existsSync(folder.connection) ? { urlFile: folder.connection, reportUnawaited: false } : { reportUnawaited: false },
);

/** Submits a job, or attaches to it by its key, and retries until it has ended. */
async function finish(spec: JobSpec): Promise<void> {
  const { key, kind } = spec;
  for (;;) {
    try {
      const job = JOB_KINDS[kind].submit(client, spec, join(folder.effects, key));
      const outcomes = job.outcomes();
      outcomes.catch(() => {});
      folder.note({ type: "submitted", key, ids: await job.ids() });
      folder.note({ type: "done", key, outcomes: comparable(await outcomes) });
      return;
    } catch (error) {
      folder.note({ type: "repeated", key, why: String(error) });
      if (!(error instanceof FantailError) || !error.retryable) throw error;
      await sleep(300);
    }
  }
}

async function work(): Promise<void> {
  const jobs = jobsOf(folder.entries());
  const left = [...jobs.values()].filter(({ outcomes }) => outcomes === undefined).map(({ spec }) => spec);
  let begun = jobs.size;
  const next = (): JobSpec | undefined => {
    const unfinished = left.shift();
    if (unfinished || existsSync(folder.stop)) return unfinished;
    const chance = seededUniform(Number(seed) * 1_000_003 + begun);
    const kind = KIND_NAMES[Math.floor(chance() * KIND_NAMES.length)] ?? "map";
    const size = 5 + Math.floor(chance() * 30);
    const spec = { key: `${seed}-${begun++}`, kind, size, seed: Math.floor(chance() * 1e6) };
    folder.note({ type: "begun", spec });
    return spec;
  };
  const worker = async () => {
    for (let spec = next(); spec; spec = next()) await finish(spec);
  };
  await Promise.all(Array.from({ length: JOBS_AT_ONCE }, worker));
}

async function read(): Promise<void> {
  for (const { spec, ids } of jobsOf(folder.entries()).values()) {
    if (ids.length === 0) continue;
    console.log(JSON.stringify({ key: spec.key, outcomes: await readAgain(client, spec.kind, ids) }));
  }
}

await (mode === "read" ? read() : work());
await client.close();
