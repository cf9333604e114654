import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { startEnvironmentProcess } from "../../client/local/lambda/environment-process.ts";
import { encodeFrame, FRAME_KINDS, FrameReader } from "../../client/local/lambda/frames.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";

const aFrame = fc.record({
  kind: fc.constantFrom(...FRAME_KINDS),
  header: fc.string({ unit: "grapheme", maxLength: 40 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

test("frames are read back unchanged, however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(aFrame), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (frames, cuts) => {
      const stream = Buffer.concat(frames.map(({ kind, header, payload }) => encodeFrame(kind, header, payload)));
      const reader = new FrameReader();
      const received = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const bytes = cuts[turn % cuts.length] ?? 1;
        received.push(...reader.push(stream.subarray(at, at + bytes)));
        at += bytes;
      }
      expect(received).toEqual(frames);
    }),
  );
});

test("a payload given as text is sent as UTF-8", () => {
  const [frame] = new FrameReader().push(encodeFrame("ok", "", '"grün"'));
  expect(frame?.payload.toString()).toBe('"grün"');
});

test("bytes that are no frames are refused", () => {
  for (const bytes of [
    [4, 0, 0, 0, 0, 1, 1, 1],
    [3, 0, 0, 0, 9, 0, 0],
    [3, 0, 0, 0, 2, 1, 0],
    [0, 0, 0, 0, 0, 0, 0],
  ])
    expect(() => new FrameReader().push(Buffer.from(bytes))).toThrow(FantailError);
});

test("an environment that writes other bytes than frames is ended, and the cloud goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-frames-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bootstrap = join(folder, "bootstrap.cjs");
  writeFileSync(
    bootstrap,
    `require("node:fs").writeSync(3, Buffer.alloc(50)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
  );
  const logged: string[] = [];
  const setup = { bootstrap, folder, functionArn: "arn", variables: {}, log: (text: string) => logged.push(text) };
  const death = await new Promise((ended) => {
    startEnvironmentProcess({ ...setup, memoryMb: 128, timeoutSeconds: 9 }, 64, { received: () => {}, ended });
  });
  expect(death).toEqual({ by: "signal", signal: "SIGKILL" });
  expect(logged.join("")).toContain("has written to descriptor 3");
});
