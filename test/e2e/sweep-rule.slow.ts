import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Client } from "../../client/index.ts";
import { startCloudOf } from "../../client/local/cloud.ts";
import { synthesize } from "../../client/local/stack/synthesize.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { expectSoundCloud } from "./sound-cloud.ts";

const folder = mkdtempSync(join(tmpdir(), "fantail-sweeps-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the template with a pass of at most one second, so that tests need not wait for minutes. */
async function hastyTemplate(): Promise<string> {
  const settings = parseClusterSettings({ engines: [{ name: "default", count: 1 }] });
  const file = await synthesize(settings, folder);
  for (const name of readdirSync(dirname(file)).filter((one) => one.startsWith("asset.")))
    symlinkSync(join(dirname(file), name), join(folder, name));
  const hasty = join(folder, basename(file));
  writeFileSync(
    hasty,
    readFileSync(file, "utf8").replaceAll(/"FANTAIL_PASS_SECONDS": ?"\d+"/g, '"FANTAIL_PASS_SECONDS":"1"'),
  );
  return hasty;
}

/** Short interval between sweeps, so that several run within seconds. */
const SWEEP_MS = 500;

// Waits seven seconds, so that no pass that saw the rule on is still running.
test("the one-minute rule is off at the start, on while a job is open, and off again afterwards", {
  timeout: 120_000,
}, async () => {
  const everything = [{ effect: "Allow" as const, actions: ["*"], resources: ["*"] }];
  await using cloud = await startCloudOf({
    stack: { template: await hastyTemplate(), clientMay: everything },
    tuning: { ruleEveryMs: SWEEP_MS },
  });
  await using client = await Client.connect({ urlFile: cloud.urlFile });
  const isOn = async () => (await cloud.rules()).map(({ isEnabled }) => isEnabled);
  expect(await isOn()).toEqual([false]);

  const view = client.loadBalancedView();
  await view.apply(() => 1);
  expect(await isOn()).toEqual([true]);
  const { traffic } = await cloud.meter();
  expect(traffic.events).toMatchObject({ scheduler: { operations: { EnableRule: 1 }, errors: {} } });
  await view.map((n: number) => n, [1, 2, 3]);

  await expect.poll(isOn, { timeout: 60_000, interval: 200 }).toEqual([false]);
  const after = await cloud.meter();
  expect(after.traffic.events.scheduler?.operations.DisableRule).toBe(1);
  expect(after.invocations.scheduler?.errors).toBe(0);
  await view.apply(() => 2);
  expect(await isOn()).toEqual([true]);
  await expectSoundCloud(cloud);
});
