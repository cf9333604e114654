import { expect, it } from "vitest";
import type { FromWorker } from "../../lambdas/engine/messages/worker-messages.ts";
import { BlobLost, WorkerBlobs } from "../../lambdas/engine/worker/worker-blobs.ts";

it("a worker has a value from its arrival, and not after a failed fetch", async () => {
  const sent: FromWorker[] = [];
  const blobs = new WorkerBlobs((message) => sent.push(message));
  const [good, bad] = ["a".repeat(64), "b".repeat(64)].map((blob) => ({ blob, bytes: 2 }));
  if (!good || !bad) throw new Error("two values were made");
  const [first, second] = [blobs.get(good), blobs.get(bad)];
  blobs.request();
  expect([blobs.has(good), blobs.has(bad)]).toEqual([false, false]);
  const wanted = sent.flatMap((message) => (message.type === "get" ? message.wanted : []));
  expect(wanted.map(([, value]) => value)).toEqual([good, bad]);
  blobs.answer(wanted[0]?.[0] ?? 0, new Uint8Array(2));
  blobs.answer(wanted[1]?.[0] ?? 0, "it is gone");
  expect(await first).toHaveLength(2);
  await expect(second).rejects.toThrow(BlobLost);
  expect([blobs.has(good), blobs.has(bad)]).toEqual([true, false]);
});
