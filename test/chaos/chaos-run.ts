import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsCloud } from "../../client/cluster/aws-cloud.ts";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";
import { type BundledClient, bundleClient } from "./bundle-client.ts";
import type { ChaosCloud } from "./chaos-cloud.ts";
import { CALL_FAULTS, type CallFault, ChaosProxy } from "./chaos-proxy.ts";
import { RunFolder } from "./journal.ts";
import { Ledger } from "./ledger.ts";
import { processesOf } from "./processes.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Share of a client's calls that are made to fail, delayed or cut. */
const CALL_FAULT_SHARE = 0.03;
/** Maximum time to wait until the cluster is idle. */
const PATIENCE_MS = 240_000;
/** Maximum time for processes to end. */
const END_MS = 10_000;
/** Longest pause between two faults, apart from a minimum of 200 ms. */
const PAUSE_MS = 3_000;

/** Starts the cloud into which faults are injected. `chance` is seeded, so its draws are repeatable. */
export type ChaosStart = (folder: RunFolder, chance: () => number) => Promise<ChaosCloud>;

interface ChaosOptions {
  seed: number;
  minutes: number;
  start: ChaosStart;
  /** Prints a line. */
  print: (line: string) => void;
}

/** Runs mixed jobs under random faults, and returns the results of all checks. */
export async function runChaos(options: ChaosOptions): Promise<Verdict> {
  const folder = new RunFolder(mkdtempSync(join(tmpdir(), "fantail-chaos-")));
  const { TMPDIR } = process.env;
  for (const path of [folder.temporary, folder.effects]) mkdirSync(path);
  process.env.TMPDIR = folder.temporary;
  const bundle = bundleClient();
  try {
    return await new ChaosRun(options, folder, bundle).run();
  } finally {
    bundle.remove();
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(folder.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #folder: RunFolder;
  readonly #chance: () => number;
  readonly #callChance: () => number;
  readonly #bundle: BundledClient;
  readonly #ledger = new Ledger();
  readonly #proxies: ChaosProxy[] = [];
  #isCalm = true;
  #client: ChildProcess | undefined;
  #complaint = "";

  constructor(options: ChaosOptions, folder: RunFolder, bundle: BundledClient) {
    this.#bundle = bundle;
    this.#options = options;
    this.#folder = folder;
    this.#chance = seededUniform(options.seed);
    this.#callChance = seededUniform(options.seed + 1);
  }

  async run(): Promise<Verdict> {
    const { start, print, minutes } = this.#options;
    const cloud = await start(this.#folder, seededUniform(this.#options.seed + 2));
    try {
      const addresses = await this.#startProxies(cloud);
      const connect = () => this.#writeConnection(cloud, addresses);
      connect();
      cloud.onRestart(() => {
        connect();
        this.#client?.kill("SIGKILL");
      });
      this.#startClient();
      await this.#attack(cloud, Date.now() + minutes * 60_000);
      print(`${this.#ledger.total} faults: ${this.#ledger.line()}`);
      const restedAfter = await this.#rest(cloud);
      const again = await this.#readAgain();
      const verdict = await verdictOf(this.#folder, cloud, again);
      await this.#end(cloud);
      for (const until = Date.now() + END_MS; Date.now() < until && processesOf(this.#folder.path).length > 0; )
        await sleep(200);
      return {
        ...verdict,
        complaint: this.#complaint,
        restedAfter,
        isLate: restedAfter * 1_000 > cloud.restMs,
        processes: processesOf(this.#folder.path),
        files: readdirSync(this.#folder.temporary).filter((name) => name.startsWith("fantail-cloud-")),
      };
    } finally {
      this.#client?.kill("SIGKILL");
      await this.#end(cloud);
    }
  }

  async #startProxies(cloud: ChaosCloud): Promise<{ lambda: string; dynamodb: string; s3: string }> {
    const startOne = (service: "lambda" | "dynamodb" | "s3") => {
      const target = () => cloud.connection().endpoints?.[service] ?? "";
      const proxy = new ChaosProxy(service, target, () => this.#drawCallFault());
      this.#proxies.push(proxy);
      return proxy.start();
    };
    return { lambda: await startOne("lambda"), dynamodb: await startOne("dynamodb"), s3: await startOne("s3") };
  }

  #drawCallFault(): CallFault | undefined {
    if (this.#isCalm || this.#callChance() > CALL_FAULT_SHARE) return undefined;
    const fault = CALL_FAULTS[Math.floor(this.#callChance() * CALL_FAULTS.length)];
    if (fault) this.#ledger.add(`call: ${fault}`);
    return fault;
  }

  #writeConnection(cloud: ChaosCloud, endpoints: { lambda: string; dynamodb: string; s3: string }): void {
    writeFileSync(this.#folder.connection, JSON.stringify({ ...cloud.connection(), endpoints }), { mode: 0o600 });
  }

  #spawn(mode: "work" | "read"): ChildProcess {
    const words = [this.#bundle.file, this.#folder.path, String(this.#options.seed), mode];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-4_000);
    });
    return child;
  }

  /** Starts a client that takes over from the previous one. If it ends before its work is done, starts another. */
  #startClient(): void {
    const child = this.#spawn("work");
    this.#client = child;
    child.once("exit", (code) => {
      if (code !== 0 && this.#client === child) this.#startClient();
    });
  }

  async #attack(cloud: ChaosCloud, until: number): Promise<void> {
    this.#isCalm = false;
    const named = Object.entries({
      ...cloud.faults,
      "client killed": async () => this.#client?.kill("SIGKILL") === true,
      "client stopped": async () => {
        const client = this.#client;
        if (client?.kill("SIGSTOP") !== true) return false;
        await sleep(300 + this.#chance() * 2_700);
        return client.kill("SIGCONT");
      },
    });
    // A restart of the cloud takes seconds in which no other fault can be injected, so it is drawn less often.
    const faults = named.flatMap((one) => (one[0].includes("restarted") ? [one] : [one, one, one]));
    while (Date.now() < until) {
      await sleep(200 + this.#chance() * PAUSE_MS);
      const [name, inject] = faults[Math.floor(this.#chance() * faults.length)] ?? [];
      if (name === undefined || inject === undefined) continue;
      if (process.env.FANTAIL_CHAOS_TRACE) this.#options.print(`${new Date().toISOString()} ${name}`);
      if (await inject()) this.#ledger.add(name);
    }
    this.#isCalm = true;
  }

  /** Waits until all jobs have ended and the cluster is idle. Returns how many seconds this took. */
  async #rest(cloud: ChaosCloud): Promise<number> {
    const since = Date.now();
    writeFileSync(this.#folder.stop, "");
    const scheduler = new AwsCloud(cloud.connection());
    try {
      for (const until = since + PATIENCE_MS; Date.now() < until; await sleep(250)) {
        if (this.#client?.exitCode !== 0) continue;
        const answer = await scheduler.ask(JSON.stringify({ type: "status" })).catch(() => undefined);
        if (answer?.type !== "status") continue;
        const { engines, hints } = answer.status;
        if (hints === 0 && engines.every(({ load }) => load === 0)) break;
      }
      return Math.round((Date.now() - since) / 100) / 10;
    } finally {
      scheduler.close();
    }
  }

  /** Reads all jobs by their ids with another client. */
  async #readAgain(): Promise<string> {
    const child = this.#spawn("read");
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    await once(child, "close");
    return text;
  }

  async #end(cloud: ChaosCloud): Promise<void> {
    for (const proxy of this.#proxies.splice(0)) proxy.close();
    await cloud.close();
  }
}
