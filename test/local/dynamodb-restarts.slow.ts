import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Client, ClusterError } from "../../client/index.ts";
import { type Cloud, startCloud } from "../../client/local/index.ts";
import { expectSoundCloud } from "../e2e/sound-cloud.ts";

const pools = [{ name: "default", count: 2 }];
const folders: string[] = [];
const clouds: Cloud[] = [];

afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fantail-restarts-"));
  folders.push(folder);
  return folder;
}

async function aCloud(dataDir?: string): Promise<Cloud> {
  const cloud = await startCloud({ pools, dataDir });
  clouds.push(cloud);
  return cloud;
}

/** Doubles a number after 20 ms of work. */
function double(n: number): number {
  for (const end = Date.now() + 20; Date.now() < end; );
  return n * 2;
}

test("work goes on while DynamoDB is killed again and again: nothing is lost, and clients notice nothing", async () => {
  const cloud = await aCloud(join(aFolder(), "data"));
  await using client = await Client.connect({ urlFile: cloud.urlFile });
  const view = client.loadBalancedView();
  const items = Array.from({ length: 300 }, (_, n) => n);
  const result = view.map(double, items);
  let seen = 0;
  for await (const _ of result) if (++seen % 60 === 0) await cloud.faults.killDynamoDb();
  expect(await view.apply((n: number) => n + 1, 1)).toBe(2);
  expect(await result).toEqual(items.map((n) => n * 2));
  await expectSoundCloud(cloud);
});

test("clients of a cloud whose DynamoDB in memory is killed get an error at once, and later", async () => {
  const cloud = await aCloud();
  await using client = await Client.connect({ urlFile: cloud.urlFile });
  const view = client.loadBalancedView();
  const waiting = view.apply(() => new Promise<void>(() => setInterval(() => {}, 60_000)));
  const failure = waiting.catch((error: unknown) => error);
  await waiting.info();
  await cloud.faults.killDynamoDb().catch(() => {});
  expect(String(await cloud.ended)).toContain("its tables were in memory and are gone");
  const error = await failure;
  expect(error).toBeInstanceOf(ClusterError);
  expect(String(error)).toContain("tasks and results outlive it only with --data");
  await expect(view.apply(() => 1)).rejects.toThrow("is no longer running");
});
