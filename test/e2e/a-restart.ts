import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, startCloud } from "../../client/local/index.ts";
import { task } from "../../client/task.ts";
import { Gate } from "./gate.ts";
import { expectSoundCloud } from "./sound-cloud.ts";

/** How long work may take to resume after a start. */
const RESUMES_MS = 10_000;

const folders: string[] = [];
const clouds: Cloud[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function start(dataDir: string): Promise<Cloud> {
  const cloud = await startCloud({ pools: [{ name: "default", count: 5 }], dataDir });
  clouds.push(cloud);
  return cloud;
}

/** Kills every process of the cloud at once. */
export async function kill(cloud: Cloud): Promise<void> {
  // A cloud's folder is named after the leader of its process group.
  const pid = Number(/fantail-cloud-(\d+)-/.exec(cloud.urlFile)?.[1]);
  process.kill(-pid, "SIGKILL");
  await cloud.ended;
}

/** Logs that it has started, and waits at a gate. */
async function waited(name: string, log: string, gate: string): Promise<string> {
  const { appendFileSync, existsSync } = await import("node:fs");
  appendFileSync(log, `${name}\n`);
  while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 20));
  return name;
}

/** Registers the test of one way in which a cloud ends. */
export function restartAfter(how: string, end: (cloud: Cloud) => Promise<void>): void {
  test(`a cloud that is ${how} during work completes it when restarted on its data: a map, a graph, a waiting parent and a delayed retry`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fantail-restart-"));
    folders.push(folder);
    const log = join(folder, "started");
    const gate = new Gate();
    const path = gate.path;
    const first = await start(join(folder, "data"));
    const before = await Client.connect({ urlFile: first.urlFile });
    const view = before.loadBalancedView();
    const map = view.map(async (x: number) => (x < 3 ? `${x}` : waited(`${x}`, log, path)), [0, 1, 2, 3]);
    const a = view.apply(waited, "a", log, path);
    const sum = view.apply((x: string) => `${x}+`, a);
    const parent = view.apply(async () => `parent of ${await task().view.apply(waited, "child", log, path)}`);
    const retry = view.withFlags({ retries: 1, backoff: { initialMs: 2000, jitter: false } }).apply(async () => {
      if (task().attempt === 1) {
        await waited("retry", log, log);
        throw new Error("not yet");
      }
      return task().attempt;
    });
    // The tasks outlive this client, which gets no results.
    const results = [map, a, sum, parent, retry];
    for (const result of results) Promise.resolve(result).catch(() => {});
    const started = () => readFileSync(log, { encoding: "utf8", flag: "a+" }).trim().split("\n").sort();
    await expect.poll(started, { timeout: 90_000, interval: 20 }).toEqual(["3", "a", "child", "retry"]);
    const ids = results.map((result) => (result === map ? map.jobId : String(result.taskIds[0])));
    await before.close();
    await end(first);

    const second = await start(join(folder, "data"));
    const at = Date.now();
    gate.open();
    await using after = await Client.connect({ urlFile: second.urlFile });
    const [again, ...applied] = ids.map((id) => after.getResult<unknown>(id));
    expect(await again).toEqual(["0", "1", "2", "3"]);
    expect(await Promise.all(applied)).toEqual(["a", "a+", "parent of child", 2]);
    const metadata = await Promise.all([0, 1, 2].map((which) => after.getResult(String(ids[which])).metadata()));
    const starts = metadata.flat().map(({ started }) => Number(started) - at);
    expect(Math.min(...starts.filter((ms) => ms > 0))).toBeLessThan(RESUMES_MS);
    expect(await after.loadBalancedView().apply((x: number) => x + 1, 1)).toBe(2);
    await expectSoundCloud(second);
  }, 240_000);
}
