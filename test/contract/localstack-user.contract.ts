import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LocalstackContainer } from "@testcontainers/localstack";
import { afterAll, describe, expect, test } from "vitest";
import { Client } from "../../client/index.ts";
import { localstackMissing, localstackName, preparedLocalstack } from "./container/localstack-container.ts";
import { EMULATOR } from "./endpoint-target.ts";

const missing = await localstackMissing();
if (missing !== undefined) console.warn(`\nSKIPPED: a user's own test on LocalStack: ${missing}\n`);

const CLI = fileURLToPath(new URL("../../dist/client/commands/cli.js", import.meta.url));
const fantail = (...words: string[]) => promisify(execFile)(process.execPath, [CLI, ...words]);

describe.skipIf(missing !== undefined)(`a user's own test on ${localstackName()}`, () => {
  afterAll(async () => {
    await (await preparedLocalstack()).engine.stop();
  }, 60_000);

  test("a user's own test starts LocalStack with testcontainers, deploys a cluster, runs a map, and leaves nothing behind", {
    timeout: 600_000,
  }, async () => {
    const { image, isLocal } = await preparedLocalstack();
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
    Object.assign(process.env, EMULATOR.env);
    const socket = { source: "/var/run/docker.sock", target: "/var/run/docker.sock" };

    const localstack = await new LocalstackContainer(image).withBindMounts(isLocal ? [] : [socket]).start();
    try {
      const where = { stack: "Fantail", region: "us-east-1", endpoint: localstack.getConnectionUri() };
      const place = ["--stack", where.stack, "--region", where.region, "--endpoint", where.endpoint];
      await fantail("deploy", "--bootstrap", "--yes", "-n", "2", ...place);

      await using client = await Client.connect(where);
      const view = client.loadBalancedView();
      expect(await view.map((x: number) => x * x, [1, 2, 3])).toEqual([1, 4, 9]);
    } finally {
      await localstack.stop();
    }
  });
});
