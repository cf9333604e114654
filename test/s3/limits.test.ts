import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";
import { s3ClientOf } from "./an-s3.ts";

const Bucket = "a-bucket";
const Port = v.object({ port: v.number() });
const Peak = v.object({ peakMb: v.number() });

/** Starts an S3 in its own process, after some shell code. */
async function anS3(before = "") {
  const folder = mkdtempSync(join(tmpdir(), "fantail-s3-"));
  const file = fileURLToPath(new URL("s3-process.ts", import.meta.url));
  const words = ["-c", `${before} exec "$0" "$@"`, process.execPath, "--import", "tsx", file, folder];
  const child = spawn("sh", words, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  });
  const [started] = await once(child, "message");
  const { port } = v.parse(Port, started);
  const client = s3ClientOf(port);
  onTestFinished(() => client.destroy());
  const peakMb = async () => {
    child.send("peak");
    const [peak] = await once(child, "message");
    return v.parse(Peak, peak).peakMb;
  };
  return { client, port, peakMb, folder };
}

test("on a full disk, the caller gets the reason, nothing is left behind, and smaller requests succeed", {
  timeout: 60_000,
}, async () => {
  // Limits files to 1 MB, which looks like a full disk to a writer.
  const { client, folder } = await anS3("ulimit -f 2048;");
  const put = (Key: string, bytes: number) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: randomBytes(bytes) }));
  await put("fits", 500_000);
  for (const bytes of [1_200_000, 3_000_000])
    await expect(put("large", bytes)).rejects.toMatchObject({
      name: "InternalError",
      message: expect.stringMatching(/^a file has reached the size limit: see `ulimit -f` \(EFBIG/),
      $metadata: { httpStatusCode: 500 },
    });
  expect(readdirSync(join(folder, "v2", Bucket, "passing"))).toEqual([]);
  await expect(client.send(new GetObjectCommand({ Bucket, Key: "large" }))).rejects.toMatchObject({
    name: "NoSuchKey",
  });
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "fits" }));
  expect((await Body?.transformToByteArray())?.length).toBe(500_000);
});

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
