import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";

/** A bucket, and clients that may do everything with it. */
export interface ContractBucket {
  bucket: string;
  /** With the SDK's default settings: it sends a CRC32 in a trailer and checks received ones. */
  client: () => S3Client;
}

/** Where an S3 departs, by the test's name: a description, how the test fails, and S3's own document. */
export type Departures = Readonly<Record<string, { departs: string; seen: string; source: string }>>;

const PART_BYTES = 5 * 1024 ** 2;
const md5 = (bytes: Uint8Array | string) => createHash("md5").update(bytes).digest("hex");

/** Registers tests of what S3's documents promise, as seen through the SDK. */
export function s3Contract({ bucket: Bucket, client }: ContractBucket, departures: Departures = {}): void {
  let folders = 0;
  /** Returns a prefix for the keys of one test. */
  const aFolder = () => `folder ${++folders}/`;
  const put = (Key: string, Body: PutObjectCommandInput["Body"] = "some", more: Partial<PutObjectCommandInput> = {}) =>
    client().send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const read = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
    client().send(new GetObjectCommand({ Bucket, Key, ...more }));
  const bytesOf = async (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
    Buffer.from((await (await read(Key, more)).Body?.transformToByteArray()) ?? []);
  const head = (Key: string) => client().send(new HeadObjectCommand({ Bucket, Key }));
  const list = (more: Partial<ListObjectsV2CommandInput>) =>
    client().send(new ListObjectsV2Command({ Bucket, ...more }));

  /** Runs a test. If this S3 departs here, expects the known failure. */
  const it = (name: string, run: () => Promise<void>) => {
    const known = departures[name];
    if (known) test(`${name}: ${known.departs}`, () => expect(run()).rejects.toThrow(known.seen));
    else test(name, run);
  };
  const fails = (name: string, httpStatusCode: number) => ({ name, $metadata: { httpStatusCode } });

  it("an object is returned byte for byte, whatever its size", async () => {
    const folder = aFolder();
    for (const size of [0, 1, 65_536, 300_000, 7_000_000]) {
      const body = randomBytes(size);
      const { ETag } = await put(`${folder}${size}`, body);
      expect(ETag).toBe(`"${md5(body)}"`);
      expect((await bytesOf(`${folder}${size}`)).equals(body)).toBe(true);
    }
  });

  it("a stream of known length is stored while it is sent", async () => {
    const body = randomBytes(1_000_000);
    const pieces = Array.from({ length: 100 }, (_, at) => body.subarray(at * 10_000, (at + 1) * 10_000));
    const key = `${aFolder()}stream`;
    await put(key, Readable.from(pieces), { ContentLength: body.length });
    expect((await bytesOf(key)).equals(body)).toBe(true);
  });

  it("content type, encoding and metadata are stored, and returned by HEAD as by GET", async () => {
    const key = `${aFolder()}described`;
    const described = {
      ContentType: "text/plain; charset=utf-8",
      ContentEncoding: "identity",
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentLanguage: "de",
      CacheControl: "max-age=5",
      Metadata: { colour: "red and blue", empty: "", "x-y": "1" },
    };
    const before = Date.now();
    await put(key, "text", described);
    for (const answer of [await head(key), await read(key)]) {
      expect(answer).toMatchObject({ ...described, ContentLength: 4, AcceptRanges: "bytes", ETag: `"${md5("text")}"` });
      expect(Math.abs((answer.LastModified?.getTime() ?? 0) - before)).toBeLessThan(60_000);
    }
  });

  it("an object without a content type gets S3's default", async () => {
    const key = `${aFolder()}typeless`;
    await put(key, Buffer.from("x"));
    expect((await head(key)).ContentType).toMatch(/^(?:binary|application)\/octet-stream$/);
  });

  it("a read may override headers of the response", async () => {
    const key = `${aFolder()}renamed`;
    await put(key, "x");
    const answer = await read(key, { ResponseContentType: "text/html", ResponseContentDisposition: "inline" });
    expect(answer).toMatchObject({ ContentType: "text/html", ContentDisposition: "inline" });
  });

  it("a range is exactly that part of the object", async () => {
    const body = randomBytes(700_000);
    const key = `${aFolder()}ranges`;
    await put(key, body);
    const ranges: [range: string, from: number, to: number][] = [
      ["bytes=0-0", 0, 0],
      ["bytes=10-19", 10, 19],
      ["bytes=0-699999", 0, 699_999],
      ["bytes=100000-599999", 100_000, 599_999],
      ["bytes=699999-", 699_999, 699_999],
      ["bytes=699990-9999999", 699_990, 699_999],
      ["bytes=-5", 699_995, 699_999],
      ["bytes=-9999999", 0, 699_999],
    ];
    for (const [Range, from, to] of ranges) {
      const answer = await read(key, { Range });
      expect(answer).toMatchObject({
        ContentRange: `bytes ${from}-${to}/700000`,
        ContentLength: to - from + 1,
        $metadata: { httpStatusCode: 206 },
      });
      expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(body.subarray(from, to + 1))).toBe(
        true,
      );
    }
  });

  it("a range outside the object is refused with the object's size", async () => {
    const key = `${aFolder()}short`;
    await put(key, "12345");
    await put(`${key} empty`, new Uint8Array());
    for (const Range of ["bytes=5-", "bytes=5-9", "bytes=-0"])
      await expect(read(key, { Range })).rejects.toMatchObject({
        ...fails("InvalidRange", 416),
        ActualObjectSize: "5",
      });
    await expect(read(`${key} empty`, { Range: "bytes=0-0" })).rejects.toMatchObject(fails("InvalidRange", 416));
  });

  it("a malformed range is ignored", async () => {
    const key = `${aFolder()}ignored`;
    await put(key, "12345");
    for (const Range of ["bytes=3-1", "lines=1-2", "bytes=a-b"]) {
      const answer = await read(key, { Range });
      expect([answer.$metadata.httpStatusCode, await answer.Body?.transformToString()]).toEqual([200, "12345"]);
    }
  });

  it("a conditional read returns the object only if its conditions hold", async () => {
    const key = `${aFolder()}conditions`;
    const { ETag } = await put(key, "x");
    const [past, future] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
    const other = `"${md5("y")}"`;
    for (const held of [
      { IfMatch: ETag },
      { IfNoneMatch: other },
      { IfUnmodifiedSince: future },
      { IfModifiedSince: past },
    ])
      expect((await bytesOf(key, held)).toString()).toBe("x");
    for (const failed of [{ IfMatch: other }, { IfUnmodifiedSince: past }])
      await expect(read(key, failed)).rejects.toMatchObject(fails("PreconditionFailed", 412));
    for (const known of [{ IfNoneMatch: ETag }, { IfNoneMatch: ETag, IfModifiedSince: past }])
      await expect(read(key, known)).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });

  it("a put with If-None-Match overwrites nothing", async () => {
    const key = `${aFolder()}new`;
    await put(key, "first", { IfNoneMatch: "*" });
    await expect(put(key, "second", { IfNoneMatch: "*" })).rejects.toMatchObject(fails("PreconditionFailed", 412));
    expect((await bytesOf(key)).toString()).toBe("first");
    await client().send(new DeleteObjectCommand({ Bucket, Key: key }));
    await put(key, "third", { IfNoneMatch: "*" });
    expect((await bytesOf(key)).toString()).toBe("third");
  });

  it("a put with If-Match replaces only that version", async () => {
    const key = `${aFolder()}replaced`;
    await expect(put(key, "x", { IfMatch: '"x"' })).rejects.toMatchObject(fails("NoSuchKey", 404));
    const { ETag } = await put(key, "first");
    await put(key, "second", { IfMatch: ETag });
    await expect(put(key, "third", { IfMatch: ETag })).rejects.toMatchObject(fails("PreconditionFailed", 412));
    expect((await bytesOf(key)).toString()).toBe("second");
  });

  it("missing objects and buckets are reported as such", async () => {
    await expect(read("nowhere")).rejects.toMatchObject(fails("NoSuchKey", 404));
    await expect(head("nowhere")).rejects.toMatchObject(fails("NotFound", 404));
    const elsewhere = { Bucket: "no-such-bucket-here", Key: "x" };
    await expect(client().send(new GetObjectCommand(elsewhere))).rejects.toMatchObject(fails("NoSuchBucket", 404));
    await expect(client().send(new PutObjectCommand({ ...elsewhere, Body: "x" }))).rejects.toMatchObject(
      fails("NoSuchBucket", 404),
    );
  });

  it("different keys are different objects, whatever their characters", async () => {
    const folder = aFolder();
    const names = [
      "a b+c%20d&e=f?g#h",
      "Upper",
      "upper",
      "ümlaut",
      "u\u0308mlaut",
      "🙂",
      "./x",
      "x/../y",
      "//",
      "end/",
      "tab\tquote\"'<>|*:\\",
      "%2e%2e",
      "con",
      "~",
      "k".repeat(1_024 - folder.length),
      "ÿ".repeat((1_024 - folder.length) / 2),
    ];
    for (const name of names) await put(`${folder}${name}`, name);
    for (const name of names) expect((await bytesOf(`${folder}${name}`)).toString()).toBe(name);
    const { Contents = [] } = await list({ Prefix: folder });
    const byBytes = names.map((name) => Buffer.from(`${folder}${name}`)).sort(Buffer.compare);
    expect(Contents.map(({ Key }) => Key)).toEqual(byBytes.map(String));
  });

  it("a key that is too long is refused", async () => {
    await expect(put("k".repeat(1_025), "x")).rejects.toMatchObject(fails("KeyTooLongError", 400));
    await expect(put("ÿ".repeat(513), "x")).rejects.toMatchObject(fails("KeyTooLongError", 400));
  });

  it("checksums are verified, stored, and returned on request", async () => {
    const folder = aFolder();
    for (const name of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
      const body = randomBytes(100_000);
      const answer = await put(`${folder}${name}`, body, { ChecksumAlgorithm: ChecksumAlgorithm[name] });
      const sum = answer[`Checksum${name}`];
      expect(sum).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
      const asked = { Bucket, Key: `${folder}${name}`, ChecksumMode: "ENABLED" as const };
      expect((await client().send(new HeadObjectCommand(asked)))[`Checksum${name}`]).toBe(sum);
      // The SDK verifies the checksum again.
      expect((await bytesOf(`${folder}${name}`, { ChecksumMode: "ENABLED" })).equals(body)).toBe(true);
    }
  });

  it("content that does not match its checksum is refused, and changes nothing", async () => {
    const key = `${aFolder()}corrupt`;
    await put(key, "right");
    const wrong = { ChecksumCRC32: "AAAAAA==" };
    await expect(put(key, "wrong", wrong)).rejects.toMatchObject(fails("BadDigest", 400));
    const sha = { ChecksumSHA256: createHash("sha256").update("other").digest("base64") };
    await expect(put(key, "wrong", sha)).rejects.toMatchObject(fails("BadDigest", 400));
    const contentMd5 = createHash("md5").update("other").digest("base64");
    await expect(put(key, "wrong", { ContentMD5: contentMd5 })).rejects.toMatchObject(fails("BadDigest", 400));
    await expect(put(key, "wrong", { ContentMD5: "short" })).rejects.toMatchObject(fails("InvalidDigest", 400));
    expect((await bytesOf(key)).toString()).toBe("right");
    const right = createHash("md5").update("checked").digest("base64");
    await put(key, "checked", { ContentMD5: right });
    expect((await bytesOf(key)).toString()).toBe("checked");
  });

  it("more metadata than S3 allows is refused", async () => {
    const Metadata = { long: "x".repeat(2_100) };
    await expect(put(`${aFolder()}x`, "x", { Metadata })).rejects.toMatchObject(fails("MetadataTooLarge", 400));
  });

  it("a deleted object is gone, and deleting it again is no error", async () => {
    const key = `${aFolder()}deleted`;
    await put(key, "x");
    for (const _ of [1, 2]) await client().send(new DeleteObjectCommand({ Bucket, Key: key }));
    await expect(head(key)).rejects.toMatchObject(fails("NotFound", 404));
  });

  it("many objects are deleted at once", async () => {
    const folder = aFolder();
    const keys = ["a", "b & c", "d/e"].map((name) => `${folder}${name}`);
    for (const key of keys) await put(key);
    const Objects = [...keys, `${folder}none`].map((Key) => ({ Key }));
    const answer = await client().send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.Deleted?.map(({ Key }) => Key).sort()).toEqual(Objects.map(({ Key }) => Key).sort());
    expect((await list({ Prefix: folder })).KeyCount).toBe(0);
  });

  it("a quiet delete reports only failures", async () => {
    const folder = aFolder();
    await put(`${folder}quiet`);
    const Delete = { Objects: [{ Key: `${folder}quiet` }], Quiet: true };
    expect((await client().send(new DeleteObjectsCommand({ Bucket, Delete }))).Deleted).toBeUndefined();
  });

  it("a list is returned in pages, ordered by the keys' bytes", async () => {
    const folder = aFolder();
    const keys = ["10", "9", "B", "a", "a!", "a/b", "b", "\uffee", "🙂"].map((name) => `${folder}${name}`);
    for (const key of keys) await put(key, key);
    const sorted = keys
      .map((key) => Buffer.from(key))
      .sort(Buffer.compare)
      .map(String);
    const seen: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client: client(), pageSize: 2 }, { Bucket, Prefix: folder })) {
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
    }
    expect(seen).toEqual(sorted);
    const { Contents = [], IsTruncated } = await list({ Prefix: folder, StartAfter: sorted[3] });
    expect([Contents.map(({ Key }) => Key), IsTruncated]).toEqual([sorted.slice(4), false]);
    expect(Contents[0]).toMatchObject({
      Size: Buffer.byteLength(sorted[4] ?? ""),
      ETag: `"${md5(sorted[4] ?? "")}"`,
      StorageClass: "STANDARD",
      LastModified: expect.any(Date),
    });
  });

  it("a list of at most 0 keys is empty and complete", async () => {
    await put(`${aFolder()}x`);
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it("a delimiter groups keys by common prefix, across pages", async () => {
    const folder = aFolder();
    for (const name of ["a/1", "a/2", "b", "c/d/1", "c/e", "f"]) await put(`${folder}${name}`);
    const pages = paginateListObjectsV2({ client: client(), pageSize: 1 }, { Bucket, Prefix: folder, Delimiter: "/" });
    const seen: (string | undefined)[] = [];
    for await (const { Contents = [], CommonPrefixes = [] } of pages)
      seen.push(...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix));
    expect(seen).toEqual(["a/", "b", "c/", "f"].map((name) => `${folder}${name}`));
    const inside = await list({ Prefix: `${folder}c/`, Delimiter: "/" });
    expect(inside.CommonPrefixes).toEqual([{ Prefix: `${folder}c/d/` }]);
    expect(inside.Contents?.map(({ Key }) => Key)).toEqual([`${folder}c/e`]);
  });

  it("a list of encoded keys is encoded", async () => {
    const folder = aFolder();
    await put(`${folder}a b&ü`);
    const { Contents = [], EncodingType } = await list({ Prefix: folder, EncodingType: "url" });
    const decoded = decodeURIComponent((Contents[0]?.Key ?? "").replaceAll("+", " "));
    expect([EncodingType, decoded]).toEqual(["url", `${folder}a b&ü`]);
  });

  it("version 1 of the listing continues from a marker", async () => {
    const folder = aFolder();
    for (const name of ["a", "b/1", "b/2", "c"]) await put(`${folder}${name}`);
    const old = (Marker?: string) =>
      client().send(new ListObjectsCommand({ Bucket, Prefix: folder, Delimiter: "/", MaxKeys: 2, Marker }));
    const first = await old();
    expect(first.Contents?.map(({ Key }) => Key)).toEqual([`${folder}a`]);
    expect(first).toMatchObject({ CommonPrefixes: [{ Prefix: `${folder}b/` }], IsTruncated: true });
    const second = await old(first.NextMarker);
    expect(second.Contents?.map(({ Key }) => Key)).toEqual([`${folder}c`]);
    expect(second.IsTruncated).toBe(false);
  });

  it("the bucket exists, and reports its region", async () => {
    await expect(client().send(new HeadBucketCommand({ Bucket }))).resolves.toBeDefined();
    expect((await client().send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
  });

  it("a copy has the content and, by default, the metadata of its source", async () => {
    const folder = aFolder();
    const body = randomBytes(600_000);
    await put(`${folder}source ü`, body, { Metadata: { a: "1" }, ContentType: "text/plain" });
    const CopySource = encodeURIComponent(`${Bucket}/${folder}source ü`);
    const copy = (name: string, more = {}) =>
      client().send(new CopyObjectCommand({ Bucket, Key: `${folder}${name}`, CopySource, ...more }));
    expect((await copy("same")).CopyObjectResult?.ETag).toBe(`"${md5(body)}"`);
    expect((await bytesOf(`${folder}same`)).equals(body)).toBe(true);
    expect(await head(`${folder}same`)).toMatchObject({ Metadata: { a: "1" }, ContentType: "text/plain" });
    await copy("other", { MetadataDirective: "REPLACE", Metadata: { b: "2" }, ContentType: "text/html" });
    expect(await head(`${folder}other`)).toMatchObject({ Metadata: { b: "2" }, ContentType: "text/html" });
    await expect(copy("refused", { CopySourceIfMatch: '"other"' })).rejects.toMatchObject(
      fails("PreconditionFailed", 412),
    );
    const nowhere = encodeURIComponent(`${Bucket}/${folder}none`);
    await expect(copy("none", { CopySource: nowhere })).rejects.toMatchObject(fails("NoSuchKey", 404));
  });

  it("a copy of an object onto itself must change something", async () => {
    const Key = `${aFolder()}itself`;
    await put(Key, "x");
    const itself = { Bucket, Key, CopySource: encodeURIComponent(`${Bucket}/${Key}`) };
    await client().send(new CopyObjectCommand({ ...itself, MetadataDirective: "REPLACE", Metadata: { b: "2" } }));
    expect((await head(Key)).Metadata).toEqual({ b: "2" });
    await expect(client().send(new CopyObjectCommand(itself))).rejects.toMatchObject(fails("InvalidRequest", 400));
  });

  it("an object uploaded in parts appears once it is complete", async () => {
    const key = `${aFolder()}parts`;
    const at = { Bucket, Key: key };
    const { UploadId } = await client().send(
      new CreateMultipartUploadCommand({ ...at, Metadata: { a: "1" }, ContentType: "text/plain" }),
    );
    const bodies = [randomBytes(PART_BYTES), randomBytes(PART_BYTES + 1), randomBytes(10)];
    const Parts = await Promise.all(
      bodies.map(async (Body, index) => {
        const part = { ...at, UploadId, PartNumber: index * 2 + 1 };
        // The first part is sent twice; the last one counts.
        if (index === 0) await client().send(new UploadPartCommand({ ...part, Body: "earlier" }));
        const { ETag } = await client().send(new UploadPartCommand({ ...part, Body }));
        return { ETag, PartNumber: part.PartNumber };
      }),
    );
    await expect(head(key)).rejects.toMatchObject(fails("NotFound", 404));
    const complete = (parts: typeof Parts) =>
      client().send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: parts } }));
    const { ETag } = await complete(Parts);
    const hashes = Buffer.concat(bodies.map((body) => Buffer.from(md5(body), "hex")));
    expect(ETag).toBe(`"${md5(hashes)}-3"`);
    const whole = Buffer.concat(bodies);
    expect(await head(key)).toMatchObject({
      ETag,
      ContentLength: whole.length,
      Metadata: { a: "1" },
      ContentType: "text/plain",
    });
    expect((await bytesOf(key)).equals(whole)).toBe(true);
    const Range = `bytes=${PART_BYTES - 5}-${PART_BYTES + 4}`;
    expect((await bytesOf(key, { Range })).equals(whole.subarray(PART_BYTES - 5, PART_BYTES + 5))).toBe(true);
    const more = new UploadPartCommand({ ...at, UploadId, PartNumber: 9, Body: "late" });
    await expect(client().send(more)).rejects.toMatchObject(fails("NoSuchUpload", 404));
  });

  it("an upload with parts that are too small cannot be completed", async () => {
    const at = { Bucket, Key: `${aFolder()}small` };
    const { UploadId } = await client().send(new CreateMultipartUploadCommand(at));
    const Parts = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await client().send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body: "small" }));
      Parts.push({ ETag, PartNumber });
    }
    const complete = new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } });
    await expect(client().send(complete)).rejects.toMatchObject(fails("EntityTooSmall", 400));
  });

  it("an upload cannot be completed with parts in another order, or with parts that were not sent", async () => {
    const at = { Bucket, Key: `${aFolder()}order` };
    const { UploadId } = await client().send(new CreateMultipartUploadCommand(at));
    const part = async (PartNumber: number, Body: Uint8Array) => {
      const { ETag } = await client().send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
      return { ETag, PartNumber };
    };
    const [first, last] = [await part(1, randomBytes(PART_BYTES)), await part(2, randomBytes(PART_BYTES))];
    const complete = (Parts: (typeof first)[]) =>
      client().send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    await expect(complete([last, first])).rejects.toMatchObject(fails("InvalidPartOrder", 400));
    await expect(complete([first, { ...last, ETag: '"x"' }])).rejects.toMatchObject(fails("InvalidPart", 400));
    await expect(head(at.Key)).rejects.toMatchObject(fails("NotFound", 404));
  });

  it("an aborted upload accepts no more parts", async () => {
    const at = { Bucket, Key: `${aFolder()}given up` };
    const { UploadId } = await client().send(new CreateMultipartUploadCommand(at));
    const zero = new UploadPartCommand({ ...at, UploadId, PartNumber: 0, Body: "x" });
    await expect(client().send(zero)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    await client().send(new AbortMultipartUploadCommand({ ...at, UploadId }));
    const late = new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "late" });
    await expect(client().send(late)).rejects.toMatchObject(fails("NoSuchUpload", 404));
  });

  it("an object uploaded in parts has the requested checksum, of its parts or of the whole", async () => {
    const folder = aFolder();
    const bodies = [randomBytes(PART_BYTES), randomBytes(10)];
    for (const [ChecksumType, ending] of [
      ["COMPOSITE", /-2$/],
      ["FULL_OBJECT", /==$/],
    ] as const) {
      const at = { Bucket, Key: `${folder}${ChecksumType}` };
      const { UploadId } = await client().send(
        new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: "CRC32", ChecksumType }),
      );
      const Parts = [];
      for (const [index, Body] of bodies.entries()) {
        const part = { ...at, UploadId, PartNumber: index + 1 };
        const { ETag, ChecksumCRC32 } = await client().send(
          new UploadPartCommand({ ...part, Body, ChecksumAlgorithm: "CRC32" }),
        );
        Parts.push({ ETag, ChecksumCRC32, PartNumber: part.PartNumber });
      }
      const told = await client().send(
        new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts }, ChecksumType }),
      );
      expect(told.ChecksumCRC32).toMatch(ending);
      expect((await bytesOf(at.Key, { ChecksumMode: "ENABLED" })).equals(Buffer.concat(bodies))).toBe(true);
    }
  });
}
