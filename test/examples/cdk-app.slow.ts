import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, startCloud } from "../../client/local/index.ts";
import { expectSoundCloud } from "../e2e/sound-cloud.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

let folder: string;
let cloud: Cloud;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fantail-sums-"));
  // The app imports fantail like a user's app: as a built package.
  await run(process.execPath, [".scripts/ready.mjs"], { cwd: root });
  await run(process.execPath, ["dist/examples/cdk-app/app.js"], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: folder, CDK_VALIDATION: "false" },
  });
  cloud = await startCloud({ template: join(folder, "Sums.template.json") });
}, 180_000);
afterAll(async () => {
  await cloud?.close();
  rmSync(folder, { recursive: true, force: true });
});

it("startCloud rejects other cluster settings beside a template", async () => {
  await expect(startCloud({ template: "My.template.json", hwm: 1 })).rejects.toThrow(
    "flag hwm: cannot be combined with `template`",
  );
});

describe("a user's CDK app on the embedded cloud", () => {
  const call = (numbers: number[]) => cloud.invoke(cloud.outputs.SumFunction ?? "", { numbers });

  afterEach(() => expectSoundCloud(cloud));

  it("a user's function in a CDK app finds and uses the cluster", async () => {
    expect(await call([1, 2, 3, 4])).toMatchObject({ sum: 30 });
    expect(await call([])).toEqual({ sum: 0, engines: [] });
  });

  it("a script uses the CDK app's pools and scheme", async () => {
    await using client = await Client.connect({ urlFile: cloud.urlFile });
    expect(client.ids).toEqual([0, 1, 2, 3]);
    expect(cloud.connection.scheme).toBe("user");
    const square = (x: number) => x * x;
    expect(await client.loadBalancedView({ targets: "large" }).map(square, [5, 6])).toEqual([25, 36]);
  });

  it("a user's function in a CDK app has exactly a client's rights", async () => {
    const [sum] = (await cloud.access.grantees()).filter(({ label }) => label === "handler");
    const actions = sum?.statements.flatMap(({ actions = [] }) => actions) ?? [];
    expect(actions).toEqual(expect.arrayContaining(["lambda:InvokeFunction", "dynamodb:Query", "s3:PutObject"]));
    expect(actions.filter((action) => /Delete|Update|dynamodb:Put|Scan|\*/.test(action))).toEqual([]);
    await cloud.access.setStatements(sum?.arn ?? "", []);
    await expect(call([1])).rejects.toThrow(/not authorized to perform: lambda:InvokeFunction/);
  });
});
