import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import { link, rename, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { systemFailure } from "../processes/system-failure.ts";

/** The part of s3rver that we use; it ships no types. */
interface S3rver {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  configureBuckets(): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): void;
  store: {
    existsObject(bucket: string, key: string): Promise<boolean>;
    getMetadata(bucket: string, key: string): Promise<unknown>;
    putContent(path: string, content: Readable | Buffer): Promise<[size: number, md5: string]>;
  };
}
interface S3rverOptions {
  directory: string;
  silent: boolean;
  vhostBuckets: boolean;
  configureBuckets: { name: string }[];
}

/**
 * Whether the request being served must not overwrite an existing object. s3rver does not support `If-None-Match`
 * itself.
 */
const onlyIfNone = new AsyncLocalStorage<boolean>();

const require = createRequire(import.meta.url);

/** s3rver without its socket: the endpoint passes on the requests that it allows. */
export class S3rverStore {
  readonly #s3rver: S3rver;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;

  private constructor(s3rver: S3rver) {
    this.#s3rver = s3rver;
    const serve = s3rver.callback();
    this.serve = (request, response) =>
      onlyIfNone.run(request.headers["if-none-match"] === "*", () => serve(request, response));
  }

  /** Opens the objects in `directory`, and creates missing buckets. */
  static async open(directory: string, buckets: readonly string[]): Promise<S3rverStore> {
    const S3rver: new (options: S3rverOptions) => S3rver = require("@20minutes/s3rver");
    mkdirSync(directory, { recursive: true });
    const s3rver = new S3rver({
      directory,
      silent: true,
      vhostBuckets: false,
      configureBuckets: buckets.map((name) => ({ name })),
    });
    // The answer already tells the caller what it did wrong.
    s3rver.on("error", () => {});
    s3rver.store.putContent = putAtOnce;
    s3rver.store.getMetadata = wholeMetadata(s3rver.store.getMetadata.bind(s3rver.store));
    await s3rver.configureBuckets();
    return new S3rverStore(s3rver);
  }

  exists(bucket: string, key: string): Promise<boolean> {
    return this.#s3rver.store.existsObject(bucket, key);
  }
}

/** Attempts to read metadata that is being written, and the pause between attempts. */
const METADATA_LOOKS = 50;
const METADATA_PAUSE_MS = 5;

type GetMetadata = S3rver["store"]["getMetadata"];

/** Retries reading metadata that is half written: s3rver writes it in place. */
function wholeMetadata(getMetadata: GetMetadata): GetMetadata {
  return async (bucket, key) => {
    for (let look = 1; ; look++) {
      try {
        return await getMetadata(bucket, key);
      } catch (error) {
        if (!(error instanceof SyntaxError) || look === METADATA_LOOKS) throw error;
        await setTimeout(METADATA_PAUSE_MS);
      }
    }
  };
}

/**
 * Writes an object atomically, as S3 does: readers see the old or the new object, and an interrupted upload leaves
 * nothing. s3rver itself writes in place.
 */
async function putAtOnce(path: string, content: Readable | Buffer): Promise<[size: number, md5: string]> {
  const passing = `${path}.${randomUUID()}`;
  const md5 = createHash("md5");
  let size = 0;
  const count = new Transform({
    transform(chunk: Buffer, _, pass) {
      size += chunk.length;
      md5.update(chunk);
      pass(null, chunk);
    },
  });
  try {
    await pipeline(Buffer.isBuffer(content) ? Readable.from([content]) : content, count, createWriteStream(passing));
    if (!onlyIfNone.getStore()) await rename(passing, path);
    // Unlike `rename`, `link` fails if the file exists.
    else await link(passing, path).then(() => rm(passing), failedPrecondition);
  } catch (error) {
    await rm(passing, { force: true }).catch(() => {});
    throw storeFailure(error);
  }
  return [size, md5.digest("hex")];
}

/**
 * Turns a system failure into an error that names it, such as a full disk; s3rver would only report an internal error.
 */
function storeFailure(error: unknown): unknown {
  const why = error instanceof Error && "code" in error ? systemFailure(error.message) : undefined;
  return why === undefined ? error : new (errorClass())("InternalError", why);
}

function errorClass(): new (code: string, message: string) => Error {
  return require("@20minutes/s3rver/lib/models/error");
}

/** Throws S3's error for an object that already exists. */
function failedPrecondition(error: unknown): never {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  throw new (errorClass())("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
}
