import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobSpec } from "./job-kinds.ts";

/** An entry of the journal, to which all clients of a run append. */
export type Entry =
  | { type: "begun"; spec: JobSpec }
  | { type: "submitted"; key: string; ids: string[] }
  | { type: "repeated"; key: string; why: string }
  | { type: "done"; key: string; outcomes: unknown[] };

/** The files of a run, in its folder. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get data(): string {
    return join(this.path, "data");
  }

  /** Temporary folder of all processes of the run. */
  get temporary(): string {
    return join(this.path, "tmp");
  }

  get connection(): string {
    return join(this.path, "connection.json");
  }

  get effects(): string {
    return join(this.path, "effects");
  }

  /** A file: once it exists, clients begin no more jobs. */
  get stop(): string {
    return join(this.path, "stop");
  }

  note(entry: Entry): void {
    appendFileSync(join(this.path, "journal"), `${JSON.stringify(entry)}\n`);
  }

  /** Reads the journal. Skips lines that a killed client left incomplete. */
  entries(): Entry[] {
    const file = join(this.path, "journal");
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as Entry];
        } catch {
          return [];
        }
      });
  }
}

/** A job with everything that the journal records about it. */
export interface KnownJob {
  spec: JobSpec;
  ids: string[];
  outcomes: unknown[] | undefined;
  repeated: string[];
}

/** Returns the jobs of a journal by key, in the order in which they were begun. */
export function jobsOf(entries: readonly Entry[]): Map<string, KnownJob> {
  const jobs = new Map<string, KnownJob>();
  for (const entry of entries) {
    if (entry.type === "begun") {
      jobs.set(entry.spec.key, { spec: entry.spec, ids: [], outcomes: undefined, repeated: [] });
      continue;
    }
    const job = jobs.get(entry.key);
    if (!job) continue;
    if (entry.type === "submitted") job.ids = entry.ids;
    else if (entry.type === "done") job.outcomes ??= entry.outcomes;
    else job.repeated.push(entry.why);
  }
  return jobs;
}
