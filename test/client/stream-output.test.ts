import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { liveOutputKey } from "../../lambdas/protocol/rows.ts";
import { aClient, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;

function aStream(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  return { stream, text: () => stream.read()?.toString() ?? "" };
}

/** Makes the engine report what a task has written so far. */
function writes({ cloud }: TestClient, job: string, index: number, stdout: string, more: object = {}): void {
  const key = liveOutputKey(job, index);
  const body = JSON.stringify({ attempt: 1, stdout, stderr: "", ...more });
  cloud.rows.set(`${key.pk}/${key.sk}`, { ...key, body });
}

describe("streamOutput", () => {
  it("a map's lines are printed as written, each with its item's number, on a load-balanced view", async () => {
    const client = aClient();
    const { view, cloud, clock } = client;
    const map = view.map(same, [0, 1]);
    const { stream, text } = aStream();
    const all = map.streamOutput({ stdout: stream });
    await settle();
    writes(client, map.jobId, 1, "first\nsec");
    await clock.advance(600);
    expect(text()).toBe("[1] first\n");
    writes(client, map.jobId, 1, "first\nsecond\n");
    writes(client, map.jobId, 0, "zero\n");
    await clock.advance(600);
    expect(text()).toBe("[0] zero\n[1] second\n");
    const entries = [0, 1].map((index) => cloud.entry(index, () => index));
    cloud.write(map.jobId, [
      { ...(entries[0] ?? cloud.entry(0, () => 0)), stdout: "zero\nlast" },
      { ...(entries[1] ?? cloud.entry(1, () => 1)), stdout: "first\nsecond\n" },
    ]);
    expect(await clock.until(all)).toBe(true);
    expect(text()).toBe("[0] last\n");
  });

  it("an apply's text is printed as written, stderr separately, and a new attempt's output from its beginning", async () => {
    const client = aClient({ retries: 1 });
    const { view, cloud, clock } = client;
    const result = view.apply(same, 1);
    const [out, err] = [aStream(), aStream()];
    const all = result.streamOutput({ stdout: out.stream, stderr: err.stream });
    await settle();
    const [job = "", index = "0"] = result.jobId.split(".");
    writes(client, job, Number(index), "ab", { stderr: "!" });
    await clock.advance(600);
    writes(client, job, Number(index), "abcd", { stderr: "!" });
    await clock.advance(600);
    expect([out.text(), err.text()]).toEqual(["abcd", "!"]);
    writes(client, job, Number(index), "a", { attempt: 2 });
    await clock.advance(600);
    cloud.write(job, [{ ...cloud.entry(Number(index), () => 1), attempt: 2, stdout: "ab" }]);
    await clock.until(all);
    expect([out.text(), err.text()]).toEqual(["ab", ""]);
  });

  it("streamOutput writes the output of finished tasks at once, without a read", async () => {
    const { view, cloud, clock } = aClient();
    const map = view.map(same, [0]);
    await settle();
    cloud.write(map.jobId, [{ ...cloud.entry(0, () => 0), stdout: "done\n" }]);
    await clock.until(map);
    const { stream, text } = aStream();
    expect(await clock.until(map.streamOutput({ stdout: stream }))).toBe(true);
    expect(text()).toBe("[0] done\n");
    expect(cloud.listings).toEqual([]);
  });

  it("streamOutput ends with its timeout or signal, and reads no more", async () => {
    const { view, cloud, clock } = aClient();
    const map = view.map(same, [0]);
    await settle();
    const { stream } = aStream();
    expect(await clock.until(map.streamOutput({ stdout: stream, timeoutMs: 1000 }))).toBe(false);
    const ending = new AbortController();
    const caught = map.streamOutput({ stdout: stream, signal: ending.signal }).catch((error: unknown) => error);
    await clock.advance(1000);
    ending.abort(new Error("enough"));
    expect(await caught).toEqual(new Error("enough"));
    const looks = cloud.listings.length;
    await clock.advance(10_000);
    expect(cloud.listings).toHaveLength(looks);
  });
});
