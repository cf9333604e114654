import { Readable } from "node:stream";

/** What we use of a LevelDB database, as dynalite has it. */
export interface LevelDatabase {
  /** Settles once it is open, and rejects with why it could not be. */
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

/** Entries read at a time. */
const READ_AT_ONCE = 16;

/**
 * Has a database's streams close their iterators when they end and when they are destroyed.
 *
 * dynalite 4 calls `return`, which these iterators have not, so that each query left one open: with it a view of the whole data as it
 * stood then, 31 KB a task.
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
          // Whoever has seen enough has destroyed it, and gets no more.
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
