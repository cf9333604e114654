import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FRAME_KINDS, FrameReader } from "../../client/local/lambda/frames.ts";

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
