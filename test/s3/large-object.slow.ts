import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { anS3 } from "./s3-in-a-process.ts";

const Bucket = "a-bucket";

test("a large object takes no more memory than a small one, however slowly it is read", {
  timeout: 120_000,
}, async () => {
  const { port, peakMb } = await anS3();
  const bytes = 160 * 1024 ** 2;
  const piece = randomBytes(1024 ** 2);
  const headers = { authorization: "AWS4-HMAC-SHA256 Credential=AKTEST/" };
  const call = (method: string, more = {}) =>
    request({ host: "127.0.0.1", port, method, path: `/${Bucket}/large`, headers: { ...headers, ...more } });
  const before = await peakMb();

  const upload = call("PUT", { "content-length": bytes });
  for (let sent = 0; sent < bytes; sent += piece.length) if (!upload.write(piece)) await once(upload, "drain");
  upload.end();
  const [put] = await once(upload, "response");
  expect(put.resume().statusCode).toBe(200);

  const download = call("GET");
  download.end();
  const [answer] = await once(download, "response");
  let received = 0;
  for await (const chunk of answer) {
    received += chunk.length;
    // Yield, so that a sender that ignores backpressure would run ahead.
    await new Promise(setImmediate);
  }
  expect(received).toBe(bytes);
  expect((await peakMb()) - before).toBeLessThan(80);
});
