import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ByteRange, parseRange } from "../../client/local/s3/protocol/byte-range.ts";
import { BucketStore } from "../../client/local/s3/store/bucket-store.ts";
import { byUtf8 } from "../../client/local/s3/store/key-index.ts";
import { contentOf, putAs } from "./random-objects.ts";

const RUNS = Number(process.env.FANTAIL_SIM_RUNS ?? 150);

/** A few keys that contain each other, have unusual characters, or are too long for a file name. */
const KEYS = [
  "a",
  "a/",
  "a/b",
  "a/b/c",
  "A",
  "..",
  "./a",
  "a b",
  "é",
  "\uffee",
  "🙂",
  "~",
  "%61",
  "k".repeat(300),
  "k".repeat(301),
];
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ verb: fc.constant("put" as const), key, size: fc.constantFrom(0, 1, 500, 70_000, 300_000) }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("delete" as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({ verb: fc.constant("read" as const), key, range: fc.tuple(fc.nat(80_000), fc.nat(80_000)) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant("list" as const),
      prefix: fc.constantFrom("", "a", "a/", "k", "x"),
      delimiter: fc.constantFrom("", "/"),
      most: fc.constantFrom(1, 2, 3, 1_000),
    }),
  },
  // A kill leaves an uncommitted write behind, and a new process opens the bucket.
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("kill" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The expected content of the bucket, by key. */
type Model = Map<string, Buffer>;

function listed(model: Model, prefix: string, delimiter: string): string[] {
  const keys = [...model.keys()].filter((one) => one.startsWith(prefix)).sort(byUtf8);
  const shown = keys.map((one) => {
    const cut = delimiter === "" ? -1 : one.indexOf(delimiter, prefix.length);
    return cut < 0 ? one : one.slice(0, cut + 1);
  });
  return [...new Set(shown)];
}

async function allPages(
  bucket: BucketStore,
  request: { prefix: string; delimiter: string; most: number },
): Promise<string[]> {
  const seen: string[] = [];
  let after: Awaited<ReturnType<BucketStore["list"]>>["last"];
  do {
    const { objects, prefixes, last } = await bucket.list({ ...request, after });
    const page = [...objects.map((one) => one.key), ...prefixes].sort(byUtf8);
    expect(page.length).toBeLessThanOrEqual(request.most);
    seen.push(...page);
    after = last;
  } while (after);
  return seen;
}

function readPart(bucket: BucketStore, of: string, [from, length]: [number, number]): Buffer | undefined {
  const opened = bucket.open(of);
  if (!opened) return undefined;
  const whole = readFileSync(opened.fd);
  closeSync(opened.fd);
  const { size } = opened.facts;
  let range: ByteRange | undefined;
  try {
    range = parseRange(`bytes=${from}-${from + length}`, size);
  } catch {
    return Buffer.alloc(0);
  }
  return range && whole.subarray(range.start, range.end + 1);
}

async function take(bucket: BucketStore, model: Model, one: Step, version: number): Promise<void> {
  switch (one.verb) {
    case "put":
      await putAs(bucket, one.key, version, one.size);
      model.set(one.key, contentOf(version, one.size));
      return;
    case "delete":
      bucket.delete(one.key);
      model.delete(one.key);
      return;
    case "read": {
      const [from, length] = one.range;
      const expected = model.get(one.key)?.subarray(from, from + length + 1);
      const read = readPart(bucket, one.key, one.range);
      expect(read && hash(read)).toBe(expected && hash(expected));
      return;
    }
    case "list": {
      const { verb: _, ...request } = one;
      expect(await allPages(bucket, request)).toEqual(listed(model, one.prefix, one.delimiter));
      return;
    }
    case "kill":
      await bucket.writer().write(Buffer.alloc(300_000));
  }
}

const hash = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

test("a bucket has the expected content after any sequence of puts, reads, lists, deletes and kills", {
  timeout: 120_000,
}, async () => {
  const seen = { steps: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), "fantail-s3-"));
      try {
        let bucket = new BucketStore(folder);
        const model: Model = new Map();
        for (const [at, one] of steps.entries()) {
          await take(bucket, model, one, at);
          if (one.verb === "kill") bucket = new BucketStore(folder);
          seen.steps++;
        }
        expect(await allPages(bucket, { prefix: "", delimiter: "", most: 1_000 })).toEqual(listed(model, "", ""));
        for (const [name, content] of model)
          expect(bucket.head(name)).toMatchObject({ key: name, size: content.length });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { seed: 1, numRuns: RUNS },
  );
  expect(seen.steps).toBeGreaterThan(RUNS * 5);
});
