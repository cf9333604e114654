import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { ClusterError } from "../protocol/errors.ts";

/**
 * Bytes addressed by their SHA-256, for values too long for a page. Nothing in it ever changes, so everything can be
 * cached.
 */
export interface BlobStore {
  /** Stores the bytes, whether or not they are stored already. Resolves to their hash. */
  put(bytes: Uint8Array): Promise<string>;
  /**
   * Reads the bytes with this hash, into memory that the caller owns.
   *
   * @throws ClusterError if they are gone, or do not match the hash
   */
  get(hash: string): Promise<Uint8Array>;
  /** Stores a code unit too large for a row: the Brotli of its source, under the hash of the source. */
  putCode(hash: string, brotli: Uint8Array): Promise<void>;
  /**
   * Reads the Brotli of the unit's source. Unchecked: the hash is that of the source, so the reader that decompresses it checks
   * it.
   */
  getCode(hash: string): Promise<Uint8Array>;
}

/** Number of hashes of stored blobs to remember, so that a value sent with many tasks is put once. */
const REMEMBERED = 1000;

/** Makes an S3 client for the blob store. Endpoint and credentials are the SDK's defaults unless given. */
export function blobClient(settings: ConstructorParameters<typeof S3Client>[0] = {}): S3Client {
  return new S3Client({
    forcePathStyle: true,
    maxAttempts: 5,
    // The key is the content's hash, which every reader checks: another checksum would only cost time.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...settings,
  });
}

/**
 * Retries of a put on which S3 reported a conflict, because the object was being deleted, and the first pause between.
 */
const CONFLICTS = 5;
const CONFLICT_PAUSE_MS = 100;

/** The blobs of a bucket, each at `blobs/<hash>`. */
export class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #condition: { IfNoneMatch?: string };
  readonly #stored = new Set<string>();

  /**
   * @param overwrites whether to write a blob again that is already there, which restarts its lifetime where blobs
   *   expire. Engines must not (their role demands the condition), because the code there is not trusted. Default
   *   false.
   */
  constructor(client: S3Client, bucket: string, { overwrites = false } = {}) {
    this.#client = client;
    this.#bucket = bucket;
    this.#condition = overwrites ? {} : { IfNoneMatch: "*" };
  }

  async put(bytes: Uint8Array): Promise<string> {
    const hash = sha256(bytes);
    await this.putCode(hash, bytes);
    return hash;
  }

  async get(hash: string): Promise<Uint8Array> {
    const bytes = await this.getCode(hash);
    if (sha256(bytes) !== hash) throw new ClusterError(`blob ${hash} was changed: its content has another hash`);
    return bytes;
  }

  async putCode(hash: string, brotli: Uint8Array): Promise<void> {
    if (this.#stored.has(hash)) return;
    await this.#put(hash, brotli);
    if (this.#stored.size >= REMEMBERED) this.#stored.clear();
    this.#stored.add(hash);
  }

  async #put(hash: string, Body: Uint8Array): Promise<void> {
    const command = { Bucket: this.#bucket, Key: keyOf(hash), Body, ...this.#condition };
    for (let conflicts = 0; ; conflicts++) {
      try {
        await this.#client.send(new PutObjectCommand(command));
        return;
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        // 412: it is already there. If it does not match its hash, its readers will notice.
        if (status === 412) return;
        // 409 means that a delete came in between; the SDK does not retry that by itself.
        if (status !== 409 || conflicts === CONFLICTS) throw error;
        await sleep(CONFLICT_PAUSE_MS * 2 ** conflicts);
      }
    }
  }

  async getCode(hash: string): Promise<Uint8Array> {
    try {
      const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: keyOf(hash) }));
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (cause) {
      // Without the permission to list, S3 reports a missing blob as access denied.
      const gone = cause instanceof Error && /NoSuchKey|NotFound|AccessDenied|Forbidden/.test(cause.name);
      const why = gone ? "is not in the bucket: it has expired, or was never stored" : "could not be read";
      throw new ClusterError(`blob ${hash} ${why}`, { cause });
    }
  }
}

function keyOf(hash: string): string {
  return `blobs/${hash}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
