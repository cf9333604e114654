import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type OpenObject, objectFacts, openObject } from "./object-file.ts";

const Upload = v.object({
  key: v.string(),
  headers: v.record(v.string(), v.string()),
  /** The kind of checksum that the object will have. */
  checksum: v.optional(v.object({ algorithm: v.string(), type: v.picklist(["FULL_OBJECT", "COMPOSITE"]) })),
});

/** A multipart upload in progress. */
export type Upload = v.InferOutput<typeof Upload>;

const ID = /^[0-9a-f]{32}$/;
const FACTS = "upload.json";

/** The multipart uploads of one bucket. Each has a folder, in which its parts are stored like objects. */
export class Uploads {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins an upload and returns its id. */
  begin(upload: Upload): string {
    const id = randomBytes(16).toString("hex");
    mkdirSync(join(this.#folder, id), { mode: 0o700 });
    writeFileSync(join(this.#folder, id, FACTS), JSON.stringify(upload), { mode: 0o600 });
    return id;
  }

  /** Returns an upload; undefined if it does not exist, or if the cloud crashed while creating it. */
  find(id: string): Upload | undefined {
    if (!ID.test(id)) return undefined;
    try {
      return v.parse(Upload, JSON.parse(readFileSync(join(this.#folder, id, FACTS), "utf8")));
    } catch {
      return undefined;
    }
  }

  /** Stores the part written to `passing`, replacing any earlier part with the same number. */
  place(id: string, part: number, passing: string): void {
    renameSync(passing, this.#fileOf(id, part));
  }

  part(id: string, part: number) {
    return objectFacts(this.#fileOf(id, part));
  }

  open(id: string, part: number): OpenObject | undefined {
    return openObject(this.#fileOf(id, part));
  }

  end(id: string): void {
    rmSync(join(this.#folder, id), { recursive: true, force: true });
  }

  #fileOf(id: string, part: number): string {
    return join(this.#folder, id, String(part));
  }
}
