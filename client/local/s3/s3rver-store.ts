import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import { link, rename, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { systemFailure } from "../system-failure.ts";

/** What we use of s3rver; it has no types of its own. */
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

/** Claims, of the request that is being served, that it may write no object that is there already. s3rver has no such requests. */
const onlyIfNone = new AsyncLocalStorage<boolean>();

const require = createRequire(import.meta.url);

/** s3rver without its socket: the door hands it the requests that it let through. */
export class S3rverStore {
  readonly #s3rver: S3rver;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;

  private constructor(s3rver: S3rver) {
    this.#s3rver = s3rver;
    const serve = s3rver.callback();
    this.serve = (request, response) =>
      onlyIfNone.run(request.headers["if-none-match"] === "*", () => serve(request, response));
  }

  /** Opens the objects below `directory`, and makes the buckets that are not there. */
  static async open(directory: string, buckets: readonly string[]): Promise<S3rverStore> {
    const S3rver: new (options: S3rverOptions) => S3rver = require("@20minutes/s3rver");
    mkdirSync(directory, { recursive: true });
    const s3rver = new S3rver({
      directory,
      silent: true,
      vhostBuckets: false,
      configureBuckets: buckets.map((name) => ({ name })),
    });
    // Of what a caller did wrong, the answer tells the caller; nobody else need know.
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

/** Looks at metadata that was being written at the moment, and the pause between two. */
const METADATA_LOOKS = 50;
const METADATA_PAUSE_MS = 5;

type GetMetadata = S3rver["store"]["getMetadata"];

/** s3rver writes metadata in place as well: who reads them half written reads again. */
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
 * Writes an object as S3 does: readers see the old one or the new one, and one whose upload broke off is not
 * there at all. s3rver itself writes in place.
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
    // Unlike a rename it fails where there is a file already.
    else await link(passing, path).then(() => rm(passing), failedPrecondition);
  } catch (error) {
    await rm(passing, { force: true }).catch(() => {});
    throw storeFailure(error);
  }
  return [size, md5.digest("hex")];
}

/** s3rver would answer with no more than that there was an error; who writes should learn that the disk is full. */
function storeFailure(error: unknown): unknown {
  const why = error instanceof Error && "code" in error ? systemFailure(error.message) : undefined;
  return why === undefined ? error : new (errorClass())("InternalError", why);
}

function errorClass(): new (code: string, message: string) => Error {
  return require("@20minutes/s3rver/lib/models/error");
}

/** What S3 says when the object is there already. */
function failedPrecondition(error: unknown): never {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  throw new (errorClass())("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
}
