import { Readable } from "node:stream";

/** The part of a LevelDB database that we use, as dynalite exposes it. */
export interface LevelDatabase {
  /** Resolves once the database is open; rejects with the reason if it cannot be opened. */
  open(): Promise<void>;
  keys(options?: object): LevelIterator;
  values(options?: object): LevelIterator;
  createKeyStream(options?: object): Readable;
  createValueStream(options?: object): Readable;
}

interface LevelIterator {
  nextv(size: number): Promise<unknown[]>;
  close(): Promise<void>;
}

/** Number of entries read at a time. */
const READ_AT_ONCE = 16;

/**
 * Makes a database's streams close their iterators when the streams end or are destroyed. dynalite 4 calls the
 * iterators' `return`, which they lack, so every query would leak an iterator, and with it a snapshot of all data: 31
 * KB per task.
 */
export function closeIterators(database: LevelDatabase): void {
  database.createKeyStream = (options) => streamOf(database.keys(options));
  database.createValueStream = (options) => streamOf(database.values(options));
}

function streamOf(iterator: LevelIterator): Readable {
  const stream = new Readable({
    objectMode: true,
    highWaterMark: READ_AT_ONCE,
    read() {
      iterator.nextv(READ_AT_ONCE).then(
        (entries) => {
          // The reader may have destroyed the stream while entries were read.
          if (stream.destroyed) return;
          for (const entry of entries) stream.push(entry);
          if (entries.length === 0) stream.push(null);
        },
        (error: Error) => void stream.destroy(error),
      );
    },
    destroy(error, done) {
      iterator.close().then(
        () => done(error),
        (failed: Error) => done(error ?? failed),
      );
    },
  });
  return stream;
}
