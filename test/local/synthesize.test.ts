import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readDeployment } from "../../client/local/stack/read-deployment.ts";
import { synthesize } from "../../client/local/synthesize.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";

const settings = parseClusterSettings({ engines: [{ name: "default", count: 3 }], scheme: "twobin", hwm: 2 });

const newFolder = () => mkdtempSync(join(tmpdir(), "fantail-synth-"));
/** The CDK takes seconds of both processors. */
const LONG_MS = 120_000;

const before = process.env.FANTAIL_CACHE;
const cache = newFolder();
let kept: string;
beforeAll(async () => {
  process.env.FANTAIL_CACHE = cache;
  kept = await synthesize(settings, newFolder());
  return () => {
    if (before === undefined) delete process.env.FANTAIL_CACHE;
    else process.env.FANTAIL_CACHE = before;
  };
}, LONG_MS);

/** Every file of the template and its assets, by name. */
function contents(template: string): Record<string, string> {
  const folder = dirname(template);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^asset\.|template\.json$/.test(name),
  );
  return Object.fromEntries(
    files
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
}

test("the template kept from before equals a fresh one, with its bundles", { timeout: LONG_MS }, async () => {
  const made = statSync(kept).mtimeMs;
  expect(await synthesize(settings, newFolder())).toBe(kept);
  expect(statSync(kept).mtimeMs).toBe(made);
  process.env.FANTAIL_CACHE = newFolder();
  const fresh = await synthesize(settings, newFolder());
  process.env.FANTAIL_CACHE = cache;
  expect(dirname(fresh)).not.toBe(dirname(kept));
  expect(contents(fresh)).toEqual(contents(kept));
  expect(Object.keys(contents(kept)).some((name) => name.endsWith("worker.mjs"))).toBe(true);
});

test("other settings get another template, and of many the oldest go", { timeout: LONG_MS }, async () => {
  for (let age = 1; age <= 20; age++) {
    mkdirSync(join(cache, `old-${age}`));
    utimesSync(join(cache, `old-${age}`), 0, 1_000_000 - age);
  }
  const other = await synthesize({ ...settings, hwm: 0 }, newFolder());
  expect(readDeployment(kept).outputs).toMatchObject({ Scheme: "twobin", Hwm: "2" });
  expect(readDeployment(other).outputs).toMatchObject({ Scheme: "twobin", Hwm: "0" });
  const left = readdirSync(cache);
  expect(left).toHaveLength(12);
  expect(left).toEqual(expect.arrayContaining([basename(dirname(kept)), basename(dirname(other)), "old-1"]));
  expect(left).not.toContain("old-20");
});

test("a scheme of the user's own is bundled anew each time", { timeout: LONG_MS }, async () => {
  const entry = join(newFolder(), "scheme.ts");
  writeFileSync(entry, "export const first = (loads: readonly number[]) => 0 * loads.length;");
  const own = { ...settings, scheme: { entry, export: "first" } };
  const folder = newFolder();
  const template = await synthesize(own, folder);
  expect(template.startsWith(folder)).toBe(true);
  expect(readDeployment(template).outputs.Scheme).toBe("user");
});

test("why a stack cannot be made is told, as that a pool's module is not found", { timeout: LONG_MS }, async () => {
  const engines = settings.engines.map((pool) => ({ ...pool, modules: ["file:/nowhere/at-all"] }));
  await expect(synthesize({ ...settings, engines }, newFolder())).rejects.toThrow(
    /could not be synthesized: flag modules: file:\/nowhere\/at-all cannot be installed: npm error/,
  );
});

test("what the construct describes is what the cloud reads", () => {
  const deployment = readDeployment(kept);
  expect(deployment.functions.map(({ label }) => label).sort()).toEqual(["engine", "report", "scheduler"]);
  const engine = deployment.functions.find(({ label }) => label === "engine");
  const report = deployment.functions.find(({ label }) => label === "report");
  expect(engine?.events).toEqual({ maxRetries: 0, maxAgeSeconds: 300, onFailure: report?.arn });
  expect(engine?.recursiveLoop).toBe("Allow");
  expect(deployment.rules).toMatchObject([{ everyMs: 60_000, targets: [{ input: '{"type":"sweep"}' }] }]);
  expect(deployment.tables).toHaveLength(2);
  expect(deployment.buckets).toEqual([deployment.outputs.BlobBucket]);
});

test("a resource that this cloud does not know is refused by its name", () => {
  const copy = newFolder();
  cpSync(dirname(kept), copy, { recursive: true });
  const file = join(copy, "Fantail.template.json");
  const content = JSON.parse(readFileSync(file, "utf8")) as { Resources: Record<string, unknown> };
  content.Resources.Queue = { Type: "AWS::SQS::Queue", Properties: {} };
  writeFileSync(file, JSON.stringify(content));
  expect(() => readDeployment(file)).toThrow("cannot deploy Queue, a resource of type AWS::SQS::Queue");
});
