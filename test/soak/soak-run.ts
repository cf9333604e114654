import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { isDeepStrictEqual } from "node:util";
import { Client } from "../../client/index.ts";
import { type Cloud, startCloud } from "../../client/local/index.ts";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";
import { comparable, JOB_KINDS, KIND_NAMES } from "../chaos/job-kinds.ts";
import { readTables } from "../e2e/read-tables.ts";
import { SoakSamples } from "./soak-samples.ts";

const ENGINES = 2;
const JOBS_AT_ONCE = 6;
/** After so many jobs the cluster comes to rest, everything is purged, and rows and files are counted. */
const JOBS_PER_ROUND = 27;
const SAMPLE_MS = 2000;

interface SoakOptions {
  minutes: number;
  seed: number;
  print: (line: string) => void;
}

export interface SoakResult {
  samples: SoakSamples;
  jobs: number;
  rounds: number;
  /** Jobs with other outcomes than expected. */
  wrong: string[];
}

/** Runs mixed jobs on the embedded cloud, purges them in rounds, and samples all processes meanwhile. */
export async function soak({ minutes, seed, print }: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), "fantail-soak-"));
  mkdirSync(join(folder, "effects"));
  const begun = performance.now();
  const samples = new SoakSamples(() => (performance.now() - begun) / 1000);
  const cloud = await startCloud({ pools: [{ name: "default", count: ENGINES }], dataDir: join(folder, "data") });
  const client = await Client.connect({ urlFile: cloud.urlFile, reportUnawaited: false });
  const sampling = setInterval(() => samples.takeProcesses(), SAMPLE_MS);
  const result: SoakResult = { samples, jobs: 0, rounds: 0, wrong: [] };
  try {
    while (performance.now() - begun < minutes * 60_000) {
      await runRound(client, folder, seed, result);
      await client.purgeResults("all");
      await takeRest(cloud, folder, samples);
      result.rounds++;
      print(`${Math.round((performance.now() - begun) / 1000)} s: ${result.jobs} jobs in ${result.rounds} rounds`);
    }
    return result;
  } finally {
    clearInterval(sampling);
    await client.close();
    await cloud.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runRound(client: Client, folder: string, seed: number, result: SoakResult): Promise<void> {
  let left = JOBS_PER_ROUND;
  const worker = async () => {
    while (left-- > 0) {
      const job = result.jobs++;
      const chance = seededUniform(seed * 1_000_003 + job);
      const kind = KIND_NAMES[job % KIND_NAMES.length] ?? "map";
      const size = 5 + Math.floor(chance() * 30);
      const spec = { key: `${seed}-${job}`, kind, size, seed: Math.floor(chance() * 1e6) };
      const effects = join(folder, "effects", spec.key);
      const outcomes = comparable(await JOB_KINDS[kind].submit(client, spec, effects).outcomes());
      if (!isDeepStrictEqual(outcomes, JOB_KINDS[kind].expected(spec))) result.wrong.push(`${spec.key} (${kind})`);
      rmSync(effects, { force: true });
    }
  };
  // Tasks that expire in the queue, behind one that takes longer than they may wait.
  const expiring = client.loadBalancedView({ timeoutMs: 50, returnExceptions: true });
  const long = client.loadBalancedView().map(() => new Promise<void>((resolve) => setTimeout(resolve, 300)), [1, 2]);
  const expired = expiring.map((x: number) => x, Array(20).fill(1));
  await Promise.all([long, expired, ...Array.from({ length: JOBS_AT_ONCE }, worker)]);
}

/**
 * Counts what the purged jobs have left. The row of a job with an idempotency key stays on purpose, so that its key is
 * not used again; it expires on AWS, but not on the embedded cloud.
 */
async function takeRest(cloud: Cloud, folder: string, samples: SoakSamples): Promise<void> {
  const rows = [...(await readTables(cloud)).values()].flatMap((partition) => [...partition.values()]);
  const left = rows.filter(({ state }) => state !== "purged");
  samples.count("rows at rest", left.length);
  samples.count("files at rest", readdirSync(folder, { recursive: true }).length);
}
