import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startS3 } from "../../client/local/s3/start-s3.ts";
import { everyone } from "./an-s3.ts";

/** Requests that no SDK sends, or that SDKs hide. */

const BUCKET = "a-bucket";
let folder: string;
let started: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fantail-s3-"));
  started = await startS3({ blobsFolder: folder, buckets: [BUCKET], principals: everyone() });
});
afterAll(() => {
  started.server.closeAllConnections();
  started.server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Reply {
  status: number;
  code: string | undefined;
  headers: IncomingHttpHeaders;
  text: string;
}

function send(
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
  body?: Buffer | string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const signed = { authorization: "AWS4-HMAC-SHA256 Credential=AKTEST/", ...headers };
    const call = request(
      { host: "127.0.0.1", port: started.port, method, path: `/${BUCKET}${path}`, headers: signed },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (more: string) => {
          text += more;
        });
        answer.on("end", () => {
          const [, code] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
          resolve({ status: answer.statusCode ?? 0, code, headers: answer.headers, text });
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

/** Returns a body in chunks, with a trailer. */
const chunked = (data: string, trailer: string) =>
  `${data.length.toString(16)}\r\n${data}\r\n0\r\n${trailer}${trailer && "\r\n"}\r\n`;
const UNSIGNED = {
  "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "x-amz-trailer": "x-amz-checksum-crc32",
};
const HELLO_CRC32 = "NhCmhg==";

const remains = () => readdirSync(join(folder, "v2", BUCKET, "passing"));

test("content that does not match its signed hash is refused", async () => {
  const other = createHash("sha256").update("other").digest("hex");
  expect(await send("PUT", "/hash", { "x-amz-content-sha256": other }, "hello")).toMatchObject({
    status: 400,
    code: "XAmzContentSHA256Mismatch",
  });
  expect(await send("PUT", "/hash", { "x-amz-content-sha256": "no hash" }, "hello")).toMatchObject({
    code: "InvalidArgument",
  });
  expect((await send("GET", "/hash")).code).toBe("NoSuchKey");
});

test("content in chunks is checked by its length and by its trailer", async () => {
  const headers = { ...UNSIGNED, "x-amz-decoded-content-length": 5, "content-encoding": "aws-chunked,gzip" };
  const right = await send("PUT", "/chunks", headers, chunked("hello", `x-amz-checksum-crc32:${HELLO_CRC32}`));
  expect(right).toMatchObject({ status: 200, headers: { "x-amz-checksum-crc32": HELLO_CRC32 } });
  const kept = await send("GET", "/chunks", { "x-amz-checksum-mode": "ENABLED" });
  expect(kept).toMatchObject({
    text: "hello",
    headers: { "content-encoding": "gzip", "x-amz-checksum-crc32": HELLO_CRC32 },
  });
  const wrong = (more: Record<string, string | number>, body: string) =>
    send("PUT", "/wrong", { ...headers, ...more }, body);
  expect(await wrong({}, chunked("hello", "x-amz-checksum-crc32:AAAAAA=="))).toMatchObject({
    status: 400,
    code: "BadDigest",
  });
  expect(await wrong({}, chunked("hello", "x-other:1"))).toMatchObject({ status: 400, code: "InvalidRequest" });
  expect(await wrong({ "x-amz-decoded-content-length": 6 }, chunked("hello", ""))).toMatchObject({
    code: "IncompleteBody",
  });
  expect(await wrong({ "x-amz-decoded-content-length": 4 }, chunked("hello", ""))).toMatchObject({
    code: "IncompleteBody",
  });
  expect(await wrong({}, "not in chunks\r\n")).toMatchObject({ status: 400, code: "InvalidRequest" });
  expect((await send("GET", "/wrong")).code).toBe("NoSuchKey");
  expect(remains()).toEqual([]);
});

test("a put must state the object's length, within S3's limit", async () => {
  expect(await send("PUT", "/length", { "transfer-encoding": "chunked" }, "hello")).toMatchObject({
    status: 411,
    code: "MissingContentLength",
  });
  const decoded = { ...UNSIGNED, "x-amz-decoded-content-length": 5 * 1024 ** 3 + 1 };
  expect(await send("PUT", "/length", decoded, "5\r\n")).toMatchObject({ status: 400, code: "EntityTooLarge" });
});

test("an interrupted upload leaves nothing behind", async () => {
  for (const bytes of [10, 1_000_000]) {
    await new Promise<void>((resolve) => {
      const call = request({
        host: "127.0.0.1",
        port: started.port,
        method: "PUT",
        path: `/${BUCKET}/broken`,
        headers: { authorization: "AWS4-HMAC-SHA256 Credential=AKTEST/", "content-length": 2_000_000 },
      });
      call.on("error", () => resolve());
      call.write(randomBytes(bytes), () => call.destroy(new Error("gone")));
    });
  }
  await vi.waitFor(() => expect(remains()).toEqual([]), { timeout: 10_000 });
  expect((await send("GET", "/broken")).code).toBe("NoSuchKey");
});

test("errors have S3's format", async () => {
  const { status, headers, text } = await send("GET", "/a%20%26%20b");
  expect([status, headers["content-type"]]).toEqual([404, "application/xml"]);
  expect(text).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>NoSuchKey<\/Code><Message>The specified key does not exist\.<\/Message><Key>a &amp; b<\/Key><Resource>.*<\/Resource><RequestId>[0-9a-f-]{36}<\/RequestId><\/Error>$/,
  );
  expect(headers["x-amz-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  expect((await send("HEAD", "/none")).text).toBe("");
  expect(await send("PATCH", "/x")).toMatchObject({ status: 405, code: "MethodNotAllowed" });
});

test("invalid lists of keys are rejected as malformed", async () => {
  for (const body of [
    "",
    "<Delete/>",
    "<Delete><Object/></Delete>",
    "<Other><Object><Key>x</Key></Object></Other>",
    "<Delete>",
  ])
    expect(await send("POST", "?delete", {}, body)).toMatchObject({ status: 400, code: "MalformedXML" });
  const old = await send(
    "POST",
    "?delete",
    {},
    "<Delete><Object><Key>x</Key><VersionId>1</VersionId></Object></Delete>",
  );
  expect(old.text).toMatch(/<Error><Key>x<\/Key><Code>NotImplemented<\/Code><Message>.*VersionId/);
});

test("parameters of lists are checked", async () => {
  for (const query of [
    "list-type=3",
    "list-type=2&max-keys=x",
    "list-type=2&encoding-type=x",
    "list-type=2&continuation-token=x",
    "prefix=a&prefix=b",
  ])
    expect(`${query} ${(await send("GET", `?${query}`)).code}`).toBe(`${query} InvalidArgument`);
});

test("only their user can read the files", async () => {
  await send("PUT", "/mode", {}, "x");
  await send("PUT", "/mode%20large", {}, randomBytes(1_000_000));
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  for (const file of all) expect(statSync(file).mode & 0o077).toBe(0);
});
