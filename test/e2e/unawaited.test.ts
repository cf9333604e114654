import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Client, InvalidFlag } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();

/** Returns what a client prints to stderr that submits a failing task, waits for its end and closes. */
async function written(options: { reportUnawaited?: boolean }): Promise<{ text: string; id: string }> {
  const { write } = process.stderr;
  let text = "";
  const client = await Client.connect({ urlFile: cluster.cloud.urlFile, ...options });
  const result = client.loadBalancedView().apply(() => {
    throw new RangeError("no root of -1");
  });
  await client.wait();
  process.stderr.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  try {
    await client.close();
  } finally {
    process.stderr.write = write;
  }
  return { text, id: result.jobId };
}

test("a closing client reports failures that nobody awaited, unless reportUnawaited is false", async () => {
  const report = await written({});
  expect(report.text).toBe(
    `fantail: 1 task failed and nobody awaited its result, first: RangeError: no root of -1 (task ${report.id}). Await it, or pass reportUnawaited: false\n`,
  );
  expect(await written({ reportUnawaited: false })).toMatchObject({ text: "" });
});

test("reportUnawaited must be true or false", async () => {
  const options = { reportUnawaited: "no" as never };
  await expect(Client.connect(options)).rejects.toThrow(InvalidFlag);
  await expect(Client.local(options)).rejects.toThrow("flag reportUnawaited: must be true or false");
});

test("a client shows its cluster in one line", async () => {
  const client = await Client.connect({ urlFile: cluster.cloud.urlFile });
  expect(inspect(client)).toMatch(/^Client \{ .+, 2 engines \}$/);
  await client.close();
  expect(inspect(client)).toMatch(/^Client \{ .+, 2 engines, closed \}$/);
});
