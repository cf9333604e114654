import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readDeployment } from "../../client/local/stack/read-deployment.ts";
import { synthesize } from "../../client/local/stack/synthesize.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";

const settings = parseClusterSettings({ engines: [{ name: "default", count: 3 }], scheme: "twobin", hwm: 2 });

const newFolder = () => mkdtempSync(join(tmpdir(), "fantail-synth-"));
/** The CDK occupies both processors for seconds. */
const LONG_MS = 120_000;

const before = process.env.FANTAIL_CACHE;
const cache = newFolder();
let template: string;
beforeAll(async () => {
  process.env.FANTAIL_CACHE = cache;
  template = await synthesize(settings, newFolder());
  return () => {
    if (before === undefined) delete process.env.FANTAIL_CACHE;
    else process.env.FANTAIL_CACHE = before;
  };
}, LONG_MS);

test("other settings give another template from the same seed", async () => {
  const other = await synthesize({ ...settings, hwm: 0 }, newFolder());
  expect(readDeployment(template).outputs).toMatchObject({ Scheme: "twobin", Hwm: "2" });
  expect(readDeployment(other).outputs).toMatchObject({ Scheme: "twobin", Hwm: "0" });
  expect(readdirSync(cache)).toHaveLength(1);
});

test("a scheme of the user's own is bundled, and a missing one is refused", {
  timeout: LONG_MS,
}, async () => {
  const entry = join(newFolder(), "scheme.ts");
  const own = { ...settings, scheme: { entry, export: "first" } };
  await expect(synthesize(own, newFolder())).rejects.toThrow(`flag scheme: file not found: ${entry}`);
  writeFileSync(entry, "export const first = (loads: readonly number[]) => 0 * loads.length;");
  const deployment = readDeployment(await synthesize(own, newFolder()));
  expect(deployment.outputs.Scheme).toBe("user");
  const scheduler = deployment.functions.find(({ label }) => label === "scheduler");
  expect(readFileSync(join(scheduler?.codeFolder ?? "", "index.mjs"), "utf8")).toMatch(/0 ?\* ?loads\.length/);
});

test("pools with the same modules share one copy of the engine, and others have their own", {
  timeout: LONG_MS,
}, async () => {
  const folder = newFolder();
  writeFileSync(join(folder, "package.json"), '{ "name": "inner", "version": "1.0.0" }');
  const [pool] = settings.engines;
  const named = (name: string, modules?: string[]) => ({ ...pool, name, count: 1, ...(modules && { modules }) });
  const inner = [`file:${folder}`];
  const engines = [named("a"), named("b", inner), named("c", inner)] as typeof settings.engines;
  const { functions } = readDeployment(await synthesize({ ...settings, engines }, newFolder()));
  const folders = functions.filter(({ label }) => label === "engine").map(({ codeFolder }) => codeFolder);
  expect([folders[0] === folders[1], folders[1] === folders[2]]).toEqual([false, true]);
  expect(folders.map((one) => existsSync(join(one, "node_modules/inner/package.json")))).toEqual([false, true, true]);
});

test("the reason why a stack cannot be made is reported, such as a pool's missing module", {
  timeout: LONG_MS,
}, async () => {
  const engines = settings.engines.map((pool) => ({ ...pool, modules: ["file:/nowhere/at-all"] }));
  await expect(synthesize({ ...settings, engines }, newFolder())).rejects.toThrow(
    /^flag modules: file:\/nowhere\/at-all cannot be installed: npm error/,
  );
});

test("the cloud reads the construct's template", () => {
  const deployment = readDeployment(template);
  expect(deployment.functions.map(({ label }) => label).sort()).toEqual(["engine", "report", "scheduler"]);
  const engine = deployment.functions.find(({ label }) => label === "engine");
  const report = deployment.functions.find(({ label }) => label === "report");
  expect(engine?.events).toEqual({ maxRetries: 0, maxAgeSeconds: 300, onFailure: report?.arn });
  expect(engine?.recursiveLoop).toBe("Allow");
  expect(deployment.rules).toMatchObject([{ everyMs: 60_000, targets: [{ input: '{"type":"sweep"}' }] }]);
  expect(deployment.tables).toHaveLength(2);
  expect(deployment.buckets).toEqual([deployment.outputs.BlobBucket]);
});

test("an unknown resource is rejected by name", () => {
  const copy = newFolder();
  cpSync(dirname(template), copy, { recursive: true });
  const file = join(copy, "Fantail.template.json");
  const content = JSON.parse(readFileSync(file, "utf8")) as { Resources: Record<string, unknown> };
  content.Resources.Queue = { Type: "AWS::SQS::Queue", Properties: {} };
  writeFileSync(file, JSON.stringify(content));
  expect(() => readDeployment(file)).toThrow("cannot deploy Queue, a resource of type AWS::SQS::Queue");
});
