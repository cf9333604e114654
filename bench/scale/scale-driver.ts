import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "../../client/index.ts";
import { startCloud } from "../../client/local/index.ts";
import { nextPlan, tell } from "../peers/driver-protocol.ts";
import { countRows } from "./count-rows.ts";
import { Deciles, spreadOf } from "./deciles.ts";
import { SCENARIOS } from "./scenarios.ts";

/** Runs one scenario in a process of its own, which is the client. Arguments: the scenario, the number of engines. */
const [name = "", engineCount = "2"] = process.argv.slice(2);
const scenario = SCENARIOS.find((one) => one.name === name);
if (!scenario) throw new Error(`unknown scenario ${name}`);
const engines = Number(engineCount);
const cloud = await startCloud({ pools: [{ name: "default", count: engines }], dataDir: process.cwd() });
const client = await Client.connect({ urlFile: cloud.urlFile });
const readers: ChildProcess[] = [];

/** Reads a job by its id in another process, which stays until this one ends, so that its memory can be measured. */
async function readElsewhere(jobId: string): Promise<number> {
  const file = fileURLToPath(new URL("scale-reader.js", import.meta.url));
  const child = spawn(process.execPath, [file, cloud.urlFile, jobId], { stdio: ["pipe", "pipe", "inherit"] });
  readers.push(child);
  for await (const line of createInterface({ input: child.stdout })) return Number(line);
  throw new Error("the process that reads the job by its id ended early");
}

try {
  const view = client.loadBalancedView();
  const square = (x: number) => x * x;
  await view.apply(square, 3);
  tell({ event: "first-result", versions: {} });
  await view.map(
    square,
    Array.from({ length: engines * 4 }, (_, x) => x),
  );
  await client.purgeResults("all");
  const rowsBefore = await countRows(cloud);
  await cloud.resetMeter();
  tell({ event: "ready" });
  const { n } = await nextPlan();
  const begun = performance.now();
  const deciles = new Deciles(n);
  await scenario.run({ client, n, deciles, readElsewhere });
  const seconds = (performance.now() - begun) / 1000;
  const rates = deciles.rates();
  const { traffic } = await cloud.meter();
  const calls = Object.values(traffic).flatMap((callers) => Object.values(callers).map((one) => one.calls));
  const rows = (await countRows(cloud)) - rowsBefore;
  tell({
    event: "figures",
    tasks: deciles.arrived,
    figures: {
      seconds,
      tasks_per_s: deciles.arrived / seconds,
      spread: spreadOf(rates),
      calls: calls.reduce((sum, count) => sum + count, 0),
      rows,
      ...Object.fromEntries(rates.map((rate, at) => [`decile_${at + 1}`, rate])),
    },
  });
} finally {
  for (const { stdin } of readers) stdin?.end();
  await Promise.all(readers.map(async (child) => child.exitCode ?? once(child, "exit")));
  await client.close();
  await cloud.close();
}
