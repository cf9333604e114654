import { InvalidFlag, NoEnginesRegistered } from "../../lambdas/protocol/errors.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import { chunkBounds } from "../../lambdas/protocol/spec-page.ts";
import { isIterable } from "../flags/iterables.ts";
import { type Flags, flagsObject, parseFlags } from "../flags/view-flags.ts";
import { oneLine } from "../one-line.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { typedValue } from "../results/typed-value.ts";
import { checkTargets } from "../submit/engine-targets.ts";
import { readyFunction, submitApply, submitMap } from "../submit/submission.ts";
import type { OrResults, ResultSequences, Sequences } from "./given.ts";
import { namedCall, namedMap } from "./named-call.ts";
import type { NamedValues } from "./named-values.ts";
import { checkSequence } from "./sequences.ts";
import type { ViewPorts } from "./view-ports.ts";

/** Flags of a direct view: where its tasks run, and how a map is cut, is the view's own. */
export type DirectFlags = Omit<Flags, "targets" | "chunkSize" | "memoryMb" | "maxOutstanding">;

const OWN_FLAGS: ReadonlySet<string> = new Set(["targets", "chunkSize", "memoryMb", "maxOutstanding"]);

/** What a direct view works with. */
export interface DirectPorts extends ViewPorts {
  names: NamedValues;
}

/** Engines of a direct view: one id, ids, the name of a pool; absent: all there are at each call. */
export type DirectTargets = number | readonly number[] | string | undefined;

/** Of a view of one engine by its id, the value itself; of any other the list of each engine's, in their order. */
export type Each<Single extends boolean, T> = Single extends true ? T : T[];

/**
 * Runs functions on chosen engines, one task on each, and gives them named values.
 *
 * Engines keep nothing between tasks: a pushed value lives in the cluster's store under its name and engine, so it outlives
 * the engine's process, and every task that runs there can refer to it, whichever view submitted it. A view never
 * changes; tasks wait for their engine in the queue, beside those of other views.
 */
export class DirectView<Single extends boolean = boolean> {
  readonly flags: Readonly<DirectFlags>;
  readonly #ports: DirectPorts;
  readonly #targets: DirectTargets;

  /** Made by `client.directView`. */
  constructor(ports: DirectPorts, targets: DirectTargets, flags: DirectFlags = {}) {
    this.#ports = ports;
    this.#targets = targets;
    const own = Object.keys(flagsObject(flags)).find((name) => OWN_FLAGS.has(name));
    if (own) throw new InvalidFlag(own, "cannot be given to a direct view, which sets it from its engines");
    this.flags = Object.freeze(parseFlags(flags));
    const given = parseFlags({ targets });
    checkTargets(ports.cluster, given);
    if (this.targets.length === 0) throw new NoEnginesRegistered("a direct view needs at least one engine");
  }

  /** Ids of its engines: in the given order, or of all there are now. */
  get targets(): number[] {
    const targets = this.#targets;
    if (typeof targets === "number") return [targets];
    if (typeof targets === "object") return [...new Set(targets)];
    return this.#ports.cluster.ids(targets);
  }

  /**
   * A view of the same engines with these flags besides its own; `undefined` takes a flag back.
   *
   * @throws InvalidFlag that names the flag
   */
  withFlags(flags: DirectFlags): DirectView<Single> {
    return new DirectView<Single>(this.#ports, this.#targets, { ...this.flags, ...flagsObject(flags) });
  }

  /** Runs `fn(...args)` on each engine. Where it fails on one, the list rejects with a CompositeError of their places. */
  apply<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): AsyncResult<Each<Single, Awaited<R>>>;
  apply<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: OrResults<NoInfer<A>>
  ): AsyncResult<Each<Single, Awaited<R>>>;
  apply(fn: unknown, ...args: unknown[]): AsyncResult<unknown> {
    const call = namedCall(fn);
    const ready = readyFunction(this.#ports, call.fn, this.flags);
    const given = [...call.before, ...args];
    const results = this.targets.map((id) =>
      this.#ports.results.of<unknown, unknown>(submitApply(this.#ports, ready, given, this.#flagsOn(id))),
    );
    return this.#isSingle && results[0] ? results[0] : this.#joined(results);
  }

  /** As `apply`, awaited. */
  applySync<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Each<Single, Awaited<R>>>;
  applySync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: OrResults<NoInfer<A>>
  ): Promise<Each<Single, Awaited<R>>>;
  async applySync(fn: (...args: unknown[]) => unknown, ...args: unknown[]): Promise<unknown> {
    return this.apply(fn, ...args);
  }

  /** Runs `fn` on each item, in contiguous blocks, one task for each engine; results in input order. */
  map<X, R>(fn: (x: X) => R, xs: Iterable<X>): AsyncResult<Awaited<R>[]>;
  map<X, Y, R>(fn: (x: X, y: Y) => R, xs: Iterable<X>, ys: Iterable<Y>): AsyncResult<Awaited<R>[]>;
  map<A extends readonly unknown[], R>(fn: (...args: A) => R, ...sequences: Sequences<A>): AsyncResult<Awaited<R>[]>;
  map<X, R>(fn: (x: X) => R, xs: AsyncResult<X[]>): AsyncResult<Awaited<R>[]>;
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...sequences: ResultSequences<NoInfer<A>>
  ): AsyncResult<Awaited<R>[]>;
  map(fn: unknown, ...sequences: unknown[]): AsyncResult<unknown[]> {
    const call = namedMap(fn, sequences);
    const { rows, pathOf } = call.input;
    if (rows.length === 0) return this.#ports.results.of(submitMap(this.#ports, call.fn, call.input, this.flags));
    const results = blocks(this.targets, rows.length).map(({ id, from, to }) => {
      const input = { rows: rows.slice(from, to), pathOf: (item: number, at: number) => pathOf(from + item, at) };
      const flags = { ...this.#flagsOn(id), chunkSize: to - from };
      return this.#ports.results.of<unknown[], unknown>(submitMap(this.#ports, call.fn, input, flags));
    });
    return this.#joined(results);
  }

  /** As `map`, awaited. */
  async mapSync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...sequences: Sequences<A>
  ): Promise<Awaited<R>[]> {
    return this.map(fn, ...sequences);
  }

  /**
   * Gives values names on each engine: `push({ a: 5 })`, then `new Reference("a")` among a task's arguments. Functions
   * may be pushed too. Resolves when tasks that start from then on see them; tasks submitted later always do.
   *
   * @throws CodecError or CaptureError that names what cannot be sent; the reason of the view's signal, when it was aborted before
   */
  push(values: Readonly<Record<string, unknown>>): Promise<void> {
    const engines = this.targets;
    const pushes = Object.entries(values).map(([name, value]) => ({ name, engines, value }));
    return this.#ports.names.push(pushes, this.flags);
  }

  /**
   * The value of a name on each engine, or of several names the list of theirs.
   *
   * @throws NameError where nothing was pushed under the name
   */
  pull<T = unknown>(name: string): Promise<Each<Single, T>>;
  pull<T extends readonly unknown[] = unknown[]>(names: readonly string[]): Promise<Each<Single, T>>;
  async pull(wanted: string | readonly string[]): Promise<unknown> {
    const engines = this.targets;
    const names = typeof wanted === "string" ? [wanted] : wanted;
    const byName = await Promise.all(names.map((name) => this.#ports.names.pull(name, engines)));
    const each = engines.map((_, at) =>
      typeof wanted === "string" ? byName[0]?.[at] : byName.map((values) => values[at]),
    );
    return this.#isSingle ? each[0] : each;
  }

  /**
   * Cuts a sequence into contiguous blocks, balanced, one for each engine, and pushes each under the name; typed arrays stay
   * typed. `flatten`: a block of one item is pushed as the item.
   */
  scatter(name: string, sequence: Iterable<unknown>, { flatten = false }: { flatten?: boolean } = {}): Promise<void> {
    checkSequence(sequence, "scatter", 1);
    const items = isSliceable(sequence) ? sequence : [...sequence];
    const engines = this.targets;
    const pushes = engines.map((id, at) => {
      const { from, to } = chunkBounds(items.length, engines.length, at);
      const block = items.slice(from, to);
      return { name, engines: [id], value: flatten && block.length === 1 ? block[0] : block };
    });
    return this.#ports.names.push(pushes, this.flags);
  }

  /**
   * What `scatter` cut, put together again: the blocks of all engines in their order, each flattened by one level.
   *
   * @throws NameError where nothing was pushed under the name
   */
  async gather<Item = unknown>(name: string): Promise<Item[]> {
    const blocks = await this.#ports.names.pull(name, this.targets);
    return typedValue(
      blocks.flatMap((block) => (isIterable(block) && typeof block !== "string" ? [...block] : [block])),
    );
  }

  /** Its engines and flags, in one line, for `console.log`. */
  [INSPECT](): string {
    return oneLine("DirectView", { targets: this.#targets ?? "all", ...this.flags });
  }

  get #isSingle(): boolean {
    return typeof this.#targets === "number";
  }

  /** Each engine's part is a job of its own, and so has a key of its own. */
  #flagsOn(id: number): Flags {
    const { idempotencyKey, ...flags } = this.flags;
    return {
      ...flags,
      targets: id,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}@${id}` }),
    };
  }

  #joined(results: readonly AsyncResult<unknown, unknown>[]): AsyncResult<unknown[]> {
    const { label, ordered, returnExceptions } = this.flags;
    return this.#ports.results.joined(results, { label, ordered, returnExceptions });
  }
}

/** What the arrays of numbers have in common. */
interface Sliceable {
  readonly length: number;
  readonly [at: number]: unknown;
  slice(from: number, to: number): Sliceable;
}

/** Whether a sequence is an array of numbers, whose blocks stay one. */
function isSliceable(sequence: unknown): sequence is Sliceable {
  return ArrayBuffer.isView(sequence) && "slice" in sequence;
}

/** Balanced blocks of the items, one for each engine; where there are fewer items, for the first engines only. */
function blocks(ids: readonly number[], items: number): { id: number; from: number; to: number }[] {
  return ids.slice(0, items).map((id, at) => ({ id, ...chunkBounds(items, Math.min(ids.length, items), at) }));
}
