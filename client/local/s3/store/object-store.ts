import { join } from "node:path";
import { BucketStore } from "./bucket-store.ts";
import { convertS3rverFolder } from "./s3rver-folder.ts";

/**
 * Name of the folder for objects in the current format. No bucket has this name, since bucket names have at least 3
 * characters.
 */
const FORM = "v2";

/** All buckets of a cloud. */
export class ObjectStore {
  readonly #buckets: ReadonlyMap<string, BucketStore>;

  private constructor(buckets: ReadonlyMap<string, BucketStore>) {
    this.#buckets = buckets;
  }

  /**
   * Opens the objects in a folder and creates missing buckets. No other process may have the folder open.
   *
   * @throws ClusterError if a newer version wrote the folder, or objects of an older version cannot be converted
   */
  static async open(folder: string, names: readonly string[]): Promise<ObjectStore> {
    const bucket = (name: string) => new BucketStore(join(folder, FORM, name));
    await convertS3rverFolder(folder, FORM, bucket);
    return new ObjectStore(new Map(names.map((name) => [name, bucket(name)])));
  }

  bucket(name: string): BucketStore | undefined {
    return this.#buckets.get(name);
  }
}
