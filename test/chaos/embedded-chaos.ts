import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsCloud } from "../../client/cluster/aws-cloud.ts";
import { type Cloud, type FunctionLabel, startCloud } from "../../client/local/index.ts";
import { readTables } from "../e2e/read-tables.ts";
import { unsound } from "../simulation/unsound.ts";
import type { ChaosCloud, Fault } from "./chaos-cloud.ts";
import type { RunFolder } from "./journal.ts";
import { childRunning } from "./processes.ts";

const ENGINES = 2;
/** Maximum time for which the data folder stays locked after its cloud was killed. */
const LOCKED_MS = 20_000;
/** Minimum time between two faults that end DynamoDB: if it ends six times in quick succession, the cluster ends. */
const DYNAMODB_PAUSE_MS = 6_000;
/** Maximum time for sweeps to clean up. */
const SWEPT_MS = 20_000;
/** Maximum size of files while the disk is "full", in bytes. */
const FULL_BYTES = 65_536;

/** The embedded cloud with a data folder, and all faults that it supports. */
class EmbeddedChaos implements ChaosCloud {
  readonly restMs = 60_000;
  readonly #folder: RunFolder;
  readonly #chance: () => number;
  #cloud: Cloud | undefined;
  #restarted: () => void = () => {};
  #dynamodbAt = 0;

  /** @param chance draws how long a process is stopped or the disk is full */
  constructor(folder: RunFolder, chance: () => number) {
    this.#folder = folder;
    this.#chance = chance;
  }

  async start(): Promise<void> {
    for (const until = Date.now() + LOCKED_MS; ; await sleep(200))
      try {
        this.#cloud = await startCloud({ pools: [{ name: "default", count: ENGINES }], dataDir: this.#folder.data });
        return;
      } catch (error) {
        if (Date.now() > until || !String(error).includes("is using the data folder")) throw error;
      }
  }

  connection() {
    return this.#running.connection;
  }

  onRestart(restarted: () => void): void {
    this.#restarted = restarted;
  }

  async oddRows(): Promise<string[]> {
    const scheduler = new AwsCloud(this.connection());
    try {
      for (const until = Date.now() + SWEPT_MS; ; await sleep(500)) {
        await scheduler.ask(JSON.stringify({ type: "sweep" }));
        const odd = unsound(await readTables(this.#running), Date.now());
        if (odd.length === 0 || Date.now() > until) return odd;
      }
    } finally {
      scheduler.close();
    }
  }

  async close(): Promise<void> {
    await this.#cloud?.close();
  }

  readonly faults: Readonly<Record<string, Fault>> = {
    "engine killed": async () => (await this.#running.faults.killEngine()).length > 0,
    "engine stopped": async () => this.#stopped(await this.#pidOf("engine")),
    "scheduler killed": async () => (await this.#running.faults.killBusy("scheduler")).length > 0,
    "report killed": async () => (await this.#running.faults.killBusy("report")).length > 0,
    "idle environments ended": async () => {
      for (const label of ["scheduler", "report", "engine"]) await this.#running.faults.endIdle(label);
      return true;
    },
    "DynamoDB killed": async () => {
      if (!this.#mayEndDynamoDb()) return false;
      await this.#running.faults.killDynamoDb();
      return true;
    },
    "DynamoDB stopped": async () => this.#stopped(this.#dynamodbPid()),
    "DynamoDB throttled": async () => {
      await this.#running.faults.throttle(20);
      return true;
    },
    "items left unprocessed": async () => {
      await this.#running.faults.leaveUnprocessed(5);
      return true;
    },
    "engine events lost": async () => {
      await this.#running.faults.dropEvents("engine");
      return true;
    },
    "engine events doubled": async () => {
      await this.#running.faults.doubleEvents("engine", 2);
      return true;
    },
    "answers to engines lost": async () => {
      await this.#running.faults.loseAnswers("report", 2);
      return true;
    },
    "answers to clients lost": async () => {
      await this.#running.faults.loseAnswers("scheduler", 2);
      return true;
    },
    "disk full": () => this.#fillDisk(),
    "cloud stopped": async () => this.#stopped(this.#cloudPid()),
    "cloud killed and restarted": async () => {
      const { ended } = this.#running;
      process.kill(this.#cloudPid(), "SIGKILL");
      await ended;
      return this.#restart();
    },
    "cloud restarted": async () => {
      await this.#running.close();
      return this.#restart();
    },
  };

  get #running(): Cloud {
    if (!this.#cloud) throw new Error("the cloud has not started");
    return this.#cloud;
  }

  async #restart(): Promise<boolean> {
    await this.start();
    this.#restarted();
    return true;
  }

  /** Suspends a process for up to three seconds. */
  async #stopped(pid: number | undefined): Promise<boolean> {
    if (pid === undefined) return false;
    try {
      process.kill(pid, "SIGSTOP");
      await sleep(300 + this.#chance() * 2_700);
      process.kill(pid, "SIGCONT");
      return true;
    } catch {
      // The process has ended.
      return false;
    }
  }

  /** Prevents the cloud and its DynamoDB from writing files beyond `FULL_BYTES` for up to a second. */
  async #fillDisk(): Promise<boolean> {
    const dynamodb = this.#dynamodbPid();
    if (dynamodb === undefined || !this.#mayEndDynamoDb()) return false;
    const pids = [this.#cloudPid(), dynamodb];
    for (const pid of pids) limitFiles(pid, String(FULL_BYTES));
    await sleep(300 + this.#chance() * 700);
    // A DynamoDB that was started meanwhile has the cloud's limit.
    for (const pid of [...pids, this.#dynamodbPid() ?? dynamodb]) limitFiles(pid, "unlimited");
    return true;
  }

  #mayEndDynamoDb(): boolean {
    if (Date.now() - this.#dynamodbAt < DYNAMODB_PAUSE_MS) return false;
    this.#dynamodbAt = Date.now();
    return true;
  }

  async #pidOf(label: FunctionLabel): Promise<number | undefined> {
    return (await this.#running.faults.environments()).find((one) => one.label === label && one.busy)?.pid;
  }

  #cloudPid(): number {
    return Number(/fantail-cloud-(\d+)-/.exec(this.#running.urlFile)?.[1]);
  }

  #dynamodbPid(): number | undefined {
    return childRunning(this.#cloudPid(), "dynamodb-process");
  }
}

/** Starts the embedded cloud for a chaos run. */
export async function startEmbedded(folder: RunFolder, chance: () => number): Promise<ChaosCloud> {
  const cloud = new EmbeddedChaos(folder, chance);
  await cloud.start();
  return cloud;
}

/** Sets a running process's soft limit on file size. Needs no privileges for the user's own processes. */
function limitFiles(pid: number, bytes: string): void {
  try {
    execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`], { stdio: "ignore" });
  } catch {
    // The process has ended.
  }
}
