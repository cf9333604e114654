import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packValues, sha256 } from "../../lambdas/adapters/pack.ts";
import { ValueReader } from "../../lambdas/adapters/value-reader.ts";
import { PACK_BYTES } from "../../lambdas/core/packs.ts";
import { ValueLost } from "../../lambdas/protocol/errors.ts";
import type { StoredValue } from "../../lambdas/protocol/stored-value.ts";
import { MemoryBlobs } from "../engine/memory-blobs.ts";
import { propertyRuns } from "../property-runs.ts";

const KB = 1024;
const LIMITS = { blobs: 16, parts: 4, partBytes: PACK_BYTES, gapBytes: 32 * KB };

/** Stores values of these sizes as one submission does. */
async function stored(values: readonly Uint8Array[], blobs: MemoryBlobs): Promise<StoredValue[]> {
  const hashed = values.map((bytes) => ({ hash: sha256(bytes), bytes }));
  const { objects, locations } = packValues(hashed);
  for (const { name, pieces } of objects) await blobs.putAs(name, Buffer.concat(pieces));
  return hashed.map(({ hash }) => locations.get(hash) ?? { blob: hash, bytes: -1 });
}

const ofSizes = (...sizes: number[]) => sizes.map((size) => new Uint8Array(randomBytes(size)));

/** Changes the bytes of an object. */
function tamper(blobs: MemoryBlobs, name: string, change: (bytes: Uint8Array) => Uint8Array): void {
  blobs.stored.set(name, change(blobs.stored.get(name) ?? new Uint8Array()));
}

describe("packed values", () => {
  it("packed values are read as they were stored, with a bounded number of requests", async () => {
    const size = fc.oneof(
      fc.nat(300),
      fc.integer({ min: 8 * KB, max: 120 * KB }),
      fc.integer({ min: KB, max: 5_000 * KB }),
    );
    const batch = fc.array(fc.record({ size, copy: fc.boolean() }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(batch, fc.infiniteStream(fc.nat(1000)), async (items, order) => {
        const blobs = new MemoryBlobs();
        const values: Uint8Array[] = [];
        for (const { size, copy } of items)
          values.push(copy && values.length > 0 ? (values[0] ?? new Uint8Array()) : new Uint8Array(randomBytes(size)));
        const locations = await stored(values, blobs);
        const large = values.filter((value) => value.byteLength >= PACK_BYTES).length;
        const bytes = values.reduce((sum, { byteLength }) => sum + byteLength, 0);
        expect(blobs.puts).toBeLessThanOrEqual(large + Math.floor(bytes / PACK_BYTES) + 1);
        const reader = new ValueReader(blobs, LIMITS);
        const shuffled = [...locations.entries()]
          .map(([at, location]) => ({ at, location, key: order.next().value }))
          .sort((a, b) => a.key - b.key);
        await Promise.all(
          shuffled.map(async ({ at, location }) => {
            expect(Buffer.compare(await reader.get(location), values[at] ?? new Uint8Array())).toBe(0);
          }),
        );
        expect(blobs.gets).toBeLessThanOrEqual(large + 3 * (Math.floor(bytes / PACK_BYTES) + 1));
      }),
      { numRuns: propertyRuns(25) },
    );
  });

  it("the same values sent again reuse their pack, and a different value makes another pack", async () => {
    const blobs = new MemoryBlobs();
    const values = ofSizes(10 * KB, 20 * KB);
    const [first] = await stored(values, blobs);
    expect((await stored(values, blobs))[0]).toEqual(first);
    expect((await stored([...values, ...ofSizes(9)], blobs))[0]).not.toEqual(first);
  });

  it("reads of packed values in one turn share a request, and concurrent reads of one value share its result", async () => {
    const blobs = new MemoryBlobs();
    const locations = await stored(ofSizes(...Array<number>(30).fill(20 * KB)), blobs);
    const reader = new ValueReader(blobs, LIMITS);
    await Promise.all([...locations, ...locations].map((location) => reader.get(location)));
    expect(blobs.gets).toBe(1);
  });

  it.each([
    ["in a pack", [20 * KB, 20 * KB]],
    ["in a blob", [20 * KB]],
  ])(
    "concurrent reads of one value %s each return a copy, so that one reader may transfer it to another thread",
    async (_, sizes) => {
      const blobs = new MemoryBlobs();
      const values = ofSizes(...sizes);
      const [location] = await stored(values, blobs);
      if (!location) throw new Error("nothing was stored");
      const reader = new ValueReader(blobs, LIMITS);
      const first = reader.get(location).then((bytes) => {
        if (!(bytes.buffer instanceof ArrayBuffer)) throw new Error("it cannot be moved");
        return structuredClone(bytes, { transfer: [bytes.buffer] });
      });
      const all = await Promise.all([first, reader.get(location), reader.get(location)]);
      for (const bytes of all) expect(Buffer.compare(bytes, values[0] ?? new Uint8Array())).toBe(0);
      expect(new Set(all.map(({ buffer }) => buffer)).size).toBe(3);
      expect(blobs.gets).toBe(1);
    },
  );

  it("packed values that are neighbours do not share memory", async () => {
    const blobs = new MemoryBlobs();
    const [one, other] = await stored(ofSizes(10 * KB, 10 * KB), blobs);
    const reader = new ValueReader(blobs, LIMITS);
    if (!one || !other) throw new Error("two values were stored");
    const [first, second] = await Promise.all([reader.get(one), reader.get(other)]);
    expect(first?.buffer).not.toBe(second?.buffer);
  });

  const faults: [what: string, pack: (name: string, blobs: MemoryBlobs) => void, says: RegExp][] = [
    ["missing", (name, blobs) => blobs.stored.delete(name), /is not in the bucket/],
    ["cut short", (name, blobs) => tamper(blobs, name, (bytes) => bytes.slice(0, 15 * KB)), /has changed/],
    [
      "changed",
      (name, blobs) => tamper(blobs, name, (bytes) => bytes.map((byte, at) => (at >= 10 * KB ? byte ^ 1 : byte))),
      /has changed: its value at byte 10240 has a different hash/,
    ],
  ];
  it.each(faults)(
    "values in a pack that is %s are lost, with an error that names the pack, and other packs are read",
    async (_, break_, says) => {
      const blobs = new MemoryBlobs();
      const [, lost] = await stored(ofSizes(10 * KB, 10 * KB), blobs);
      const [kept] = await stored(ofSizes(10 * KB, 10 * KB), blobs);
      if (!lost || !kept || "blob" in lost) throw new Error("both were packed");
      break_(lost.pack, blobs);
      const reader = new ValueReader(blobs, LIMITS);
      const [failure, value] = await Promise.allSettled([reader.get(lost), reader.get(kept)]);
      expect(failure).toMatchObject({ status: "rejected", reason: expect.any(ValueLost) });
      expect(String(failure?.status === "rejected" && failure.reason)).toContain(lost.pack);
      expect(String(failure?.status === "rejected" && failure.reason)).toMatch(says);
      expect(value?.status).toBe("fulfilled");
    },
  );

  it("packed values next to a changed one are still read", async () => {
    const blobs = new MemoryBlobs();
    const [first, second] = await stored(ofSizes(10 * KB, 10 * KB), blobs);
    if (!first || !second || "blob" in second) throw new Error("both were packed");
    tamper(blobs, second.pack, (bytes) => bytes.map((byte, at) => (at === 15 * KB ? byte ^ 1 : byte)));
    const reader = new ValueReader(blobs, LIMITS);
    const read = await Promise.allSettled([reader.get(first), reader.get(second)]);
    expect(read.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});
