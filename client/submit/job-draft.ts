import { createHash } from "node:crypto";
import type { StoredObject } from "../../lambdas/adapters/pack.ts";
import type { DependencyAtRest } from "../../lambdas/protocol/dependency.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import { type FunctionReference, unitsOf } from "../../lambdas/protocol/function-reference.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import { specPageTasks, type TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import type { TraceFields } from "../../lambdas/protocol/trace-fields.ts";
import { ArgumentTexts } from "./argument-texts.ts";
import { BlobDrafts, type Uploads } from "./blob-drafts.ts";
import type { SubmissionTrace } from "./submission-trace.ts";
import type { TaskWaits } from "./task-waits.ts";
import { WaitGroups } from "./wait-groups.ts";

/**
 * Maximum size of one part of a job, in bytes. An Invoke takes 6 MB, including the escapes that Lambda adds in its own
 * JSON.
 */
export const PART_BYTES = 4_500_000;

/** Spec pages of consecutive tasks, and their wait groups, as JSON text. */
interface JobPart {
  pages: string;
  waits: string;
  bytes: number;
}

/** A job ready to send: its header, and its spec pages as JSON text in parts of at most `PART_BYTES`. */
export interface SealedJob {
  header: JobHeader;
  parts: JobPart[];
  /** Hashes of the code units of the job's functions. */
  units: Set<string>;
  /** References to the job's functions, as JSON text. */
  functions: readonly string[];
  /** Blobs and packs that must be stored before the job's last part is sent. */
  objects: StoredObject[];
}

type Locations = Uploads["locations"];

type Shape = Pick<JobHeader, "id" | "shape" | "chunked" | "flags" | "submitted" | "client"> & {
  label: string | undefined;
  /** Whether the id is derived from an idempotency key. */
  isKeyed?: boolean;
} & TraceFields;

/**
 * A job to which tasks are still being added. Specs are kept as the JSON text to be sent, because that takes the least
 * memory.
 */
export class JobDraft {
  readonly #shape: Shape;
  readonly #names = new Set<string>();
  readonly #functions: string[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #units = new Set<string>();
  readonly #args = new ArgumentTexts();
  readonly #waits = new WaitGroups();
  /** Ids of other jobs that this job's tasks depend on. */
  readonly parents: Set<string> = new Set();
  /** The blobs and packs that the job's functions and arguments refer to. */
  readonly blobs: BlobDrafts = new BlobDrafts();
  /** Index of each task's function; empty while there is only one function. */
  readonly #functionOf: number[] = [];

  /** The span of its submission. */
  readonly trace: SubmissionTrace | undefined;

  constructor(shape: Shape, trace?: SubmissionTrace) {
    this.#shape = shape;
    this.trace = trace;
  }

  get id(): string {
    return this.#shape.id;
  }

  /** Whether its id is derived from an idempotency key, so that the job may already exist. */
  get isKeyed(): boolean {
    return this.#shape.isKeyed === true;
  }

  get tasks(): number {
    return this.#args.length;
  }

  /** Adds a function that tasks may call and returns its index. */
  addFunction(reference: FunctionReference): number {
    const text = JSON.stringify(reference);
    const known = this.#indexOf.get(text);
    if (known !== undefined) return known;
    for (const { code } of unitsOf(reference)) this.#units.add(code);
    this.#indexOf.set(text, this.#functions.length);
    return this.#functions.push(text) - 1;
  }

  /** Records the names of pushed values that the job's tasks refer to. */
  addNames(names: Iterable<string>): void {
    for (const name of names) this.#names.add(name);
  }

  /** Adds a task and returns its index. */
  addTask(fn: number, args: TaskArguments, waits?: TaskWaits): number {
    if (waits) this.#addWaits(waits);
    if (fn > 0 || this.#functionOf.length > 0) {
      while (this.#functionOf.length < this.#args.length) this.#functionOf.push(0);
      this.#functionOf.push(fn);
    }
    this.#args.add(args);
    return this.tasks - 1;
  }

  #addWaits(waits: TaskWaits): void {
    this.#waits.add(this.#args.length, waitsText(waits, this.id));
    for (const { on } of [...waits.after, ...(waits.follow ? [waits.follow] : [])])
      for (const [job] of on) if (job !== this.id) this.parents.add(job);
  }

  /** Whether another apply with these flags can become a task of this job. */
  takesApply(flags: JobFlags, label: string | undefined): boolean {
    const { shape, flags: own, label: ownLabel, isKeyed } = this.#shape;
    return shape === "apply" && !isKeyed && label === ownLabel && JSON.stringify(flags) === JSON.stringify(own);
  }

  /**
   * Completes the draft: no task can be added afterwards.
   *
   * @param items number of items of a map. Default: one per task
   */
  seal(items: number = this.tasks): SealedJob {
    const { label, isKeyed, ...shape } = this.#shape;
    const { objects, locations } = this.blobs.uploads();
    const specBytes = this.#longestSpec(locations);
    const pageTasks = specPageTasks(specBytes);
    const header: JobHeader = {
      ...shape,
      ...(label === undefined ? {} : { label }),
      ...(this.#names.size === 0 ? {} : { names: [...this.#names] }),
      tasks: this.tasks,
      items,
      pageTasks,
      specBytes,
      ...(this.#waits.first === undefined ? {} : { free: this.#waits.first }),
    };
    const parts = this.#parts(pageTasks, locations);
    const sealed = isKeyed ? { ...header, key: contentDigest(header, parts) } : header;
    return { header: sealed, parts, units: this.#units, functions: this.#functions, objects };
  }

  /** Size of the longest spec in bytes; if tasks call different functions, each spec includes its function. */
  #longestSpec(locations: Locations): number {
    const sizes = this.#functions.map((text) => Buffer.byteLength(text));
    let longest = 0;
    let task = 0;
    for (const texts of this.#args.blocks(locations))
      for (const args of texts) {
        const own = sizes.length > 1 ? (sizes[this.#functionOf[task] ?? 0] ?? 0) : 0;
        // UTF-8 takes at most three bytes per UTF-16 unit, so most strings need not be measured.
        if (args.length * 3 + own > longest) longest = Math.max(longest, Buffer.byteLength(args) + own);
        task++;
      }
    return longest;
  }

  #parts(pageTasks: number, locations: Locations): SealedJob["parts"] {
    const parts: JobPart[] = [];
    let pages: string[] = [];
    let bytes = 0;
    let from = 0;
    const close = (to: number) => {
      const waits = this.#waits.between(from, to);
      parts.push({ pages: pages.join(","), waits, bytes });
      pages = [];
      bytes = 0;
      from = to;
    };
    let first = 0;
    for (const texts of this.#args.blocks(locations))
      for (let at = 0; at < texts.length; at += pageTasks) {
        const page = this.#page(first, texts.slice(at, at + pageTasks));
        const past = first + Math.min(pageTasks, texts.length - at);
        const size = Buffer.byteLength(page) + 1 + this.#waits.charsBetween(first, past);
        if (bytes + size > PART_BYTES && pages.length > 0) close(first);
        pages.push(page);
        bytes += size;
        first = past;
      }
    close(this.tasks);
    return parts;
  }

  /** One page and its first index, in the format of `SubmittedJob`. */
  #page(first: number, texts: readonly string[]): string {
    const indexes = new Map<number, number>();
    const tasks = texts.map((args, at) => {
      const fn = this.#functionOf[first + at] ?? 0;
      const index = indexes.get(fn) ?? indexes.size;
      indexes.set(fn, index);
      return `[${index},${args}]`;
    });
    const functions = [...indexes.keys()].map((fn) => this.#functions[fn]);
    return `[${first},{"functions":[${functions.join(",")}],"tasks":[${tasks.join(",")}]}]`;
  }
}

/** Serializes waits. Equal waits give equal text. An empty job id in the text stands for the job `own`. */
function waitsText({ after, follow, takes }: TaskWaits, own: string): string {
  const short = ({ on, ...when }: DependencyAtRest): DependencyAtRest => ({
    on: on.map(([job, from, to]) => [job === own ? "" : job, from, to]),
    ...when,
  });
  return JSON.stringify({
    after: after.map(short),
    ...(follow ? { follow: short(follow) } : {}),
    ...(takes ? { takes } : {}),
  });
}

/**
 * Returns a digest of a job's content. It is the same whenever and from wherever the same work is submitted.
 *
 * @param parts the spec pages and wait groups
 */
function contentDigest({ id, shape, chunked, flags, items, names }: JobHeader, parts: readonly JobPart[]): string {
  const digest = createHash("sha256").update(JSON.stringify([id, shape, chunked, flags, items, names]));
  for (const { pages, waits } of parts) digest.update(`\n${pages}\n${waits}`);
  return digest.digest("hex");
}
