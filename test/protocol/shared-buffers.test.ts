import { describe, expect, test } from "vitest";
import { SharedBuffers } from "../../lambdas/protocol/shared-buffers.ts";

const KB = 1024;
const counted = (length: number) => Uint8Array.from({ length }, (_, at) => at % 251).buffer;
const view = (buffer: ArrayBuffer, from: number, to: number) => new Uint8Array(buffer, from, to - from);

/** Places views in the way that the codec does: once to find shared buffers, and again if there are any. */
function placed(...views: ArrayBufferView<ArrayBuffer>[]) {
  const buffers = new SharedBuffers();
  const first = views.map((one) => buffers.placeOf(one));
  const isShared = buffers.plan();
  return { isShared, places: isShared ? views.map((one) => buffers.placeOf(one)) : first };
}

/** Returns the bytes that a view shows. */
function shown({ buffer, byteOffset }: { buffer: ArrayBuffer; byteOffset: number }, length: number): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

describe("a view alone", () => {
  test("a view of a whole buffer is sent with the buffer itself", () => {
    const buffer = counted(8);
    expect(placed(view(buffer, 0, 8))).toEqual({ isShared: false, places: [{ buffer, byteOffset: 0 }] });
    expect(placed(view(buffer, 0, 8)).places[0]?.buffer).toBe(buffer);
  });

  test("a view of a part of a buffer is sent with a copy of its bytes", () => {
    const { isShared, places } = placed(view(counted(64 * KB), 100, 103));
    expect(isShared).toBe(false);
    expect(places.map(({ buffer, byteOffset }) => [[...new Uint8Array(buffer)], byteOffset])).toEqual([
      [[100, 101, 102], 0],
    ]);
  });
});

describe("views of one buffer", () => {
  test.each<[string, [number, number][], number, number[]]>([
    [
      "share a buffer if they overlap",
      [
        [10, 20],
        [15, 30],
      ],
      1,
      [22],
    ],
    [
      "share a buffer if they lie near each other",
      [
        [0, 8],
        [60 * KB, 60 * KB + 8],
      ],
      1,
      [60 * KB + 8],
    ],
    [
      "share a buffer if they show as much as lies between them",
      [
        [0, 200 * KB],
        [300 * KB, 400 * KB],
      ],
      1,
      [400 * KB],
    ],
    [
      "share none if they lie far apart",
      [
        [0, 8],
        [90 * KB, 90 * KB + 8],
      ],
      2,
      [8, 8],
    ],
    [
      "share with those that they overlap if others lie far apart",
      [
        [0, 8],
        [4, 12],
        [90 * KB, 90 * KB + 8],
      ],
      2,
      [12, 8],
    ],
    [
      "share a buffer if they are the same",
      [
        [3, 5],
        [3, 5],
      ],
      1,
      [5],
    ],
    [
      "share a buffer if one of them is empty",
      [
        [3, 3],
        [3, 5],
      ],
      1,
      [5],
    ],
  ])("views of one buffer: %s", (_, ranges, count, lengths) => {
    const buffer = counted(500 * KB);
    const { isShared, places } = placed(...ranges.map(([from, to]) => view(buffer, from, to)));
    const sent = [...new Set(places.map((place) => place.buffer))];
    expect(isShared).toBe(true);
    expect(sent).toHaveLength(count);
    expect(sent.map(({ byteLength }) => byteLength)).toEqual(lengths);
    expect(sent).not.toContain(buffer);
    for (const [at, [from, to]] of ranges.entries()) {
      const place = places[at];
      if (!place) throw new Error("each view has its place");
      expect(shown(place, to - from).equals(view(buffer, from, to))).toBe(true);
    }
  });

  test("views of one buffer are sent without the bytes between them", () => {
    const [place] = placed(view(counted(99), 8, 10), view(counted(99), 8, 10)).places;
    expect(place?.byteOffset).toBe(0);
    const buffer = counted(99);
    const shared = placed(view(buffer, 8, 10), view(buffer, 12, 14)).places[0]?.buffer ?? expect.fail("it is shared");
    expect([...new Uint8Array(shared)]).toEqual([8, 9, 0, 0, 12, 13]);
  });

  test("views of one buffer are sent with the buffer itself if together they cover it", () => {
    const buffer = counted(16);
    const { places } = placed(view(buffer, 0, 8), view(buffer, 8, 16));
    expect(places.map((place) => place.buffer === buffer)).toEqual([true, true]);
  });

  test("views of one buffer keep offsets that are valid for items of eight bytes", () => {
    const buffer = counted(100);
    const { places } = placed(new Float64Array(buffer, 24, 1), view(buffer, 29, 40), view(buffer, 35, 41));
    for (const { byteOffset } of places.slice(0, 1)) expect(byteOffset % 8).toBe(0);
    expect(places[0]?.buffer).toBe(places[2]?.buffer);
  });
});

test("a buffer that is itself part of the value is sent whole, and its views share it", () => {
  const buffer = counted(64);
  const buffers = new SharedBuffers();
  buffers.seeWhole(buffer);
  const part = view(buffer, 8, 10);
  buffers.placeOf(part);
  expect(buffers.plan()).toBe(true);
  expect(buffers.placeOf(part)).toEqual({ buffer, byteOffset: 8 });
  expect(buffers.placeOf(part).buffer).toBe(buffer);
});

test("a copy made for sending is not confused with a buffer of the value", () => {
  const buffers = new SharedBuffers();
  const { buffer } = buffers.placeOf(view(counted(64), 8, 10));
  buffers.seeWhole(buffer);
  buffers.seeWhole(buffer);
  expect(buffers.plan()).toBe(false);
});
