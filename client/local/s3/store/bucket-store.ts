import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { KeyIndex } from "./key-index.ts";
import { type ListPage, type ListRequest, listPage } from "./list-page.ts";
import { type ObjectFacts, type OpenObject, objectFacts, openObject } from "./object-file.ts";
import { fileNameOf, spelledKey } from "./object-name.ts";
import { ObjectWriter } from "./object-writer.ts";
import { Uploads } from "./uploads.ts";

/** Number of objects to read before yielding to the event loop. */
const READ_AT_ONCE = 100;

/** A page of a bucket's objects. */
export interface ObjectPage extends Pick<ListPage, "prefixes" | "last"> {
  objects: ObjectFacts[];
}

/** The objects of one bucket, in a folder that only this process writes. */
export class BucketStore {
  readonly #objects: string;
  readonly #passing: string;
  readonly uploads: Uploads;
  /** Created by the first listing, because most buckets are never listed. */
  #index: KeyIndex | undefined;

  /** Opens a bucket, or creates it if it is missing. Removes the leftovers of interrupted writes. */
  constructor(folder: string) {
    this.#objects = join(folder, "objects");
    this.#passing = join(folder, "passing");
    const uploads = join(folder, "uploads");
    rmSync(this.#passing, { recursive: true, force: true });
    for (const one of [this.#objects, this.#passing, uploads]) mkdirSync(one, { recursive: true, mode: 0o700 });
    this.uploads = new Uploads(uploads);
  }

  head(key: string): ObjectFacts | undefined {
    return objectFacts(this.#fileOf(key));
  }

  /** Opens an object for reading; the caller must close it. Returns undefined if there is no such object. */
  open(key: string): OpenObject | undefined {
    return openObject(this.#fileOf(key));
  }

  /** Returns a path for the file of an incomplete object. */
  passing(): string {
    return join(this.#passing, randomUUID());
  }

  writer(): ObjectWriter {
    return new ObjectWriter(this.passing());
  }

  /**
   * Publishes a written object, replacing any earlier one.
   *
   * @param mayReplace throws if the earlier object must stay; no other write can come between this check and the
   * publication
   */
  async commit(writer: ObjectWriter, facts: ObjectFacts, mayReplace: () => void = () => {}): Promise<void> {
    await writer.commit(facts, (passing) => {
      mayReplace();
      this.place(passing, facts.key);
    });
  }

  /** Renames a complete file to the name of its object. */
  place(passing: string, key: string): void {
    renameSync(passing, this.#fileOf(key));
    this.#index?.add(key);
  }

  delete(key: string): void {
    rmSync(this.#fileOf(key), { force: true });
    this.#index?.delete(key);
  }

  async list(request: ListRequest): Promise<ObjectPage> {
    this.#index ??= new KeyIndex(this.#keys());
    const { keys, prefixes, last } = listPage(this.#index.sorted, request);
    const objects: ObjectFacts[] = [];
    for (const [at, key] of keys.entries()) {
      if (at % READ_AT_ONCE === READ_AT_ONCE - 1) await setImmediate();
      // The metadata is undefined if the object was deleted meanwhile, or its file is truncated.
      const facts = this.head(key);
      if (facts) objects.push(facts);
    }
    return { objects, prefixes, last };
  }

  #fileOf(key: string): string {
    return join(this.#objects, fileNameOf(key));
  }

  #keys(): string[] {
    return readdirSync(this.#objects).flatMap((name) => {
      const key = spelledKey(name) ?? objectFacts(join(this.#objects, name))?.key;
      return key === undefined ? [] : [key];
    });
  }
}
