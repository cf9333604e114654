import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { ClusterError, ValueLost } from "../protocol/errors.ts";
import type { BlobStore } from "./blob-store.ts";
import { leanClient } from "./lean-client.ts";
import { sha256 } from "./pack.ts";

/** Number of hashes of stored blobs to remember, so that a value sent with many tasks is stored once. */
const REMEMBERED = 1000;

/** Makes an S3 client for the blob store. Endpoint and credentials are the SDK's defaults unless given. */
export function blobClient(settings: ConstructorParameters<typeof S3Client>[0] = {}): S3Client {
  const client = new S3Client({
    cacheMiddleware: true,
    forcePathStyle: true,
    maxAttempts: 5,
    // Every reader checks the content by its hash, and `#put` computes its CRC32: another checksum would only cost time.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...settings,
  });
  // Leaves the content out of the signature, so that neither side computes its SHA-256 for it. S3 checks its CRC32.
  client.middlewareStack.add(
    (next) => (args) => {
      if (isHttpRequest(args.request) && args.request.method === "PUT")
        args.request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
      return next(args);
    },
    { step: "build", name: "unsignedContent" },
  );
  return leanClient(client);
}

/**
 * Maximum number of retries of a put that S3 refuses because the object is just being deleted, and the first pause
 * between retries, in milliseconds.
 */
const CONFLICTS = 5;
const CONFLICT_PAUSE_MS = 100;

/** The blobs and packs of a bucket, each at `blobs/<name>`. */
export class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #condition: { IfNoneMatch?: string };
  readonly #stored = new Set<string>();

  /**
   * @param overwrites whether to write a blob again if it already exists. If blobs expire, a new write restarts the
   *   blob's lifetime. Engines must not overwrite blobs, because they run code that is not trusted; their role enforces
   *   this. Default false.
   */
  constructor(client: S3Client, bucket: string, { overwrites = false } = {}) {
    this.#client = client;
    this.#bucket = bucket;
    this.#condition = overwrites ? {} : { IfNoneMatch: "*" };
  }

  async put(bytes: Uint8Array): Promise<string> {
    const hash = sha256(bytes);
    await this.putAs(hash, bytes);
    return hash;
  }

  async get(hash: string): Promise<Uint8Array> {
    const bytes = await this.getCode(hash);
    if (sha256(bytes) !== hash)
      throw new ValueLost(`blob ${hash} is damaged: its content does not match its hash. Submit the work again`);
    return bytes;
  }

  async getPart(pack: string, from: number, to: number): Promise<Uint8Array> {
    const bytes = await this.#get(`pack ${pack}`, pack, `bytes=${from}-${to - 1}`);
    if (bytes.byteLength === to - from) return bytes;
    throw new ValueLost(`pack ${pack} has changed: it ends before byte ${to}. Submit the work again`);
  }

  async putAs(name: string, bytes: Uint8Array): Promise<void> {
    if (this.#stored.has(name)) return;
    await this.#put(name, bytes);
    if (this.#stored.size >= REMEMBERED) this.#stored.clear();
    this.#stored.add(name);
  }

  async #put(name: string, Body: Uint8Array): Promise<void> {
    const ChecksumCRC32 = crc32Base64(Body);
    const command = { Bucket: this.#bucket, Key: keyOf(name), Body, ChecksumCRC32, ...this.#condition };
    for (let conflicts = 0; ; conflicts++) {
      try {
        await this.#client.send(new PutObjectCommand(command));
        return;
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        // 412: the object already exists. Readers verify its content.
        if (status === 412) return;
        // 409: the object was being deleted. The SDK does not retry this by itself.
        if (status !== 409 || conflicts === CONFLICTS) throw error;
        await sleep(CONFLICT_PAUSE_MS * 2 ** conflicts);
      }
    }
  }

  getCode(hash: string): Promise<Uint8Array> {
    return this.#get(`blob ${hash}`, hash);
  }

  /** @param object the object's name in error messages */
  async #get(object: string, name: string, range?: string): Promise<Uint8Array> {
    try {
      const wanted = { Bucket: this.#bucket, Key: keyOf(name), ...(range === undefined ? {} : { Range: range }) };
      const answer = await this.#client.send(new GetObjectCommand(wanted));
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (cause) {
      const kind = cause instanceof Error ? cause.name : "";
      // Without the permission to list, S3 reports a missing blob as access denied.
      if (/NoSuchKey|NotFound|AccessDenied|Forbidden/.test(kind))
        throw new ValueLost(
          `${object} is not in the S3 bucket: it has expired, or was never stored. Submit the work again`,
          { cause },
        );
      if (kind === "InvalidRange")
        throw new ValueLost(`${object} has changed: it is shorter than it was. Submit the work again`, { cause });
      throw new ClusterError(`${object} could not be read from S3`, { cause });
    }
  }
}

function crc32Base64(bytes: Uint8Array): string {
  const sum = Buffer.allocUnsafe(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

function isHttpRequest(request: unknown): request is { method: string; headers: Record<string, string> } {
  return typeof request === "object" && request !== null && "method" in request && "headers" in request;
}

function keyOf(name: string): string {
  return `blobs/${name}`;
}
