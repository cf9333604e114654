import type { JobFlags } from "../lambdas/protocol/flags.ts";
import type { FunctionReference } from "../lambdas/protocol/function-reference.ts";
import type { JobHeader } from "../lambdas/protocol/scheduler-messages.ts";
import { specPageTasks, type TaskArguments } from "../lambdas/protocol/spec-page.ts";

/** Most bytes of one part of a job. An Invoke takes 6 MB, and Lambda counts the escapes of its own JSON. */
export const PART_BYTES = 4_500_000;

/** A job ready to send: its header, and its spec pages as JSON text in parts of at most `PART_BYTES`. */
export interface SealedJob {
  header: JobHeader;
  parts: { pages: string; bytes: number }[];
  /** Hashes of the units that its functions are made of. */
  units: Set<string>;
}

type Shape = Pick<JobHeader, "id" | "shape" | "chunked" | "flags" | "submitted" | "client"> & {
  label: string | undefined;
  /** Drawn for a submission under an idempotency key. */
  key?: string;
};

/** A job while tasks are being added to it. Specs are kept as the JSON text that is sent, the smallest form there is. */
export class JobDraft {
  readonly #shape: Shape;
  readonly #functions: string[] = [];
  readonly #placeOf = new Map<string, number>();
  readonly #units = new Set<string>();
  readonly #args: string[] = [];
  /** Place of each task's function; while there is but one, nothing is kept. */
  readonly #functionOf: number[] = [];

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  get id(): string {
    return this.#shape.id;
  }

  /** Claims that its id stands for an idempotency key, so that it may be another's. */
  get isKeyed(): boolean {
    return this.#shape.key !== undefined;
  }

  get tasks(): number {
    return this.#args.length;
  }

  /** Adds a function that tasks may call, and gives its place. */
  addFunction(reference: FunctionReference): number {
    const text = JSON.stringify(reference);
    const known = this.#placeOf.get(text);
    if (known !== undefined) return known;
    if (reference.at === "table") this.#units.add(reference.code);
    this.#placeOf.set(text, this.#functions.length);
    return this.#functions.push(text) - 1;
  }

  /** Adds a task and gives its index. */
  addTask(fn: number, args: TaskArguments): number {
    if (fn > 0 || this.#functionOf.length > 0) {
      while (this.#functionOf.length < this.#args.length) this.#functionOf.push(0);
      this.#functionOf.push(fn);
    }
    return this.#args.push(JSON.stringify(args)) - 1;
  }

  /** Claims that a further apply with these flags can become a task of this job. */
  takesApply(flags: JobFlags, label: string | undefined): boolean {
    const { shape, flags: own, label: ownLabel, key } = this.#shape;
    return (
      shape === "apply" && key === undefined && label === ownLabel && JSON.stringify(flags) === JSON.stringify(own)
    );
  }

  /** The finished job. `items` counts the items of a map; an apply is one item. */
  seal(items: number = this.tasks): SealedJob {
    const { label, ...shape } = this.#shape;
    const specBytes = this.#longestSpec();
    const pageTasks = specPageTasks(specBytes);
    const header: JobHeader = {
      ...shape,
      ...(label === undefined ? {} : { label }),
      tasks: this.tasks,
      items,
      pageTasks,
      specBytes,
    };
    return { header, parts: this.#parts(pageTasks), units: this.#units };
  }

  /** Bytes of the longest spec; where tasks call different functions, each is counted with its own. */
  #longestSpec(): number {
    const sizes = this.#functions.map((text) => Buffer.byteLength(text));
    let longest = 0;
    for (const [task, args] of this.#args.entries()) {
      const own = sizes.length > 1 ? (sizes[this.#functionOf[task] ?? 0] ?? 0) : 0;
      // No text is more than three bytes a character: most need not be measured.
      if (args.length * 3 + own > longest) longest = Math.max(longest, Buffer.byteLength(args) + own);
    }
    return longest;
  }

  #parts(pageTasks: number): SealedJob["parts"] {
    const parts: { pages: string; bytes: number }[] = [];
    let pages: string[] = [];
    let bytes = 0;
    const close = () => {
      parts.push({ pages: pages.join(","), bytes });
      pages = [];
      bytes = 0;
    };
    for (let first = 0; first < this.tasks; first += pageTasks) {
      const page = this.#page(first, Math.min(first + pageTasks, this.tasks));
      const size = Buffer.byteLength(page) + 1;
      if (bytes + size > PART_BYTES && pages.length > 0) close();
      pages.push(page);
      bytes += size;
    }
    close();
    return parts;
  }

  /** One page and its first index, as `SubmittedJob` holds them. */
  #page(first: number, past: number): string {
    const places = new Map<number, number>();
    const tasks: string[] = [];
    for (let task = first; task < past; task++) {
      const fn = this.#functionOf[task] ?? 0;
      const place = places.get(fn) ?? places.size;
      places.set(fn, place);
      tasks.push(`[${place},${this.#args[task]}]`);
    }
    const functions = [...places.keys()].map((fn) => this.#functions[fn]);
    return `[${first},{"functions":[${functions.join(",")}],"tasks":[${tasks.join(",")}]}]`;
  }
}
