import { join } from "node:path";
import { BucketStore } from "./bucket-store.ts";
import { convertS3rverFolder } from "./s3rver-folder.ts";

/** Folder of objects in the current format. Bucket names have at least 3 characters, so none is equal. */
const FORM = "v2";

/** All buckets of a cloud. */
export class ObjectStore {
  readonly #buckets: ReadonlyMap<string, BucketStore>;

  private constructor(buckets: ReadonlyMap<string, BucketStore>) {
    this.#buckets = buckets;
  }

  /**
   * Opens the objects in a folder, and creates missing buckets. No other process may have it open.
   *
   * @throws ClusterError if the folder is of a newer version, or objects of an older one cannot be converted
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
