import { InvalidFlag, NoEnginesRegistered } from "../../lambdas/protocol/errors.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import { chunkBounds } from "../../lambdas/protocol/spec-page.ts";
import type { Flags } from "../flags/flags.ts";
import { flagsObject, parseFlags } from "../flags/parse-flags.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { checkTargets } from "../submit/engine-targets.ts";
import { readyFunction, submitApply, submitMap } from "../submit/submission.ts";
import { type Each, EngineValues } from "./engine-values.ts";
import type { OrResults, ResultSequences, Sequences } from "./given.ts";
import { namedCall, namedMap } from "./named-call.ts";
import type { NamedValues } from "./named-values.ts";
import { oneLine } from "./one-line.ts";
import type { ViewPorts } from "./view-ports.ts";

/**
 * Flags of a direct view. Flags that say where tasks run and how a map is divided are left out, because the view sets
 * them itself.
 */
export type DirectFlags = Omit<Flags, "targets" | "chunkSize" | "memoryMb" | "maxOutstanding">;

const OWN_FLAGS: ReadonlySet<string> = new Set(["targets", "chunkSize", "memoryMb", "maxOutstanding"]);

/** The parts of a client that a direct view uses. */
export interface DirectPorts extends ViewPorts {
  names: NamedValues;
}

/**
 * Engines of a direct view: one id, several ids, or the name of a pool. Default: all engines that exist at each call.
 */
export type DirectTargets = number | readonly number[] | string | undefined;

/**
 * Runs functions on chosen engines, one task on each, and gives them named values.
 *
 * Engines keep nothing between tasks. A pushed value is stored in the cluster under its name and engine, so it outlives
 * the engine's process, and every task on that engine can refer to it, whichever view submitted the task. A view is
 * immutable. Its tasks wait in the queue for their engine like those of other views.
 *
 * @example
 * const direct = client.directView([0, 1]);
 * await direct.scatter("part", [1, 2, 3, 4]);
 * console.log(await direct.gather("part")); // [1, 2, 3, 4]
 */
export class DirectView<Single extends boolean = boolean> extends EngineValues<Single> {
  readonly flags: Readonly<DirectFlags>;
  readonly #ports: DirectPorts;
  readonly #targets: DirectTargets;

  /** Called by `client.directView`, not by users. */
  constructor(ports: DirectPorts, targets: DirectTargets, flags: DirectFlags = {}) {
    super(ports.names, typeof targets === "number");
    this.#ports = ports;
    this.#targets = targets;
    const own = Object.keys(flagsObject(flags)).find((name) => OWN_FLAGS.has(name));
    if (own) throw new InvalidFlag(own, "cannot be set on a direct view, which derives it from its engines");
    this.flags = Object.freeze(parseFlags(flags));
    const given = parseFlags({ targets });
    checkTargets(ports.cluster, given);
    if (this.targets.length === 0)
      throw new NoEnginesRegistered(
        "a direct view needs at least one engine, and there is none: add some with client.scale()",
      );
  }

  /**
   * Ids of the engines of the view: the given ids in the given order, or those of all current engines of the pool or
   * cluster.
   */
  get targets(): number[] {
    const targets = this.#targets;
    if (typeof targets === "number") return [targets];
    if (typeof targets === "object") return [...new Set(targets)];
    return this.#ports.cluster.ids(targets);
  }

  /**
   * Returns a view of the same engines with these flags added to this one's; `undefined` removes a flag.
   *
   * @throws InvalidFlag, which names the flag
   * @example
   * const patient = direct.withFlags({ timeoutMs: 0 });
   */
  withFlags(flags: DirectFlags): DirectView<Single> {
    return new DirectView<Single>(this.#ports, this.#targets, { ...this.flags, ...flagsObject(flags) });
  }

  /**
   * Runs `fn(...args)` on each engine. The result is a value for a view of one engine by its id, otherwise a list in
   * the engines' order.
   *
   * @throws as `LoadBalancedView.apply`; a list rejects with a CompositeError that names the engines' positions
   * @example
   * const pids = await direct.apply(() => process.pid);
   */
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
    return typeof this.#targets === "number" && results[0] ? results[0] : this.#joined(results);
  }

  /**
   * Like `apply`, awaited.
   *
   * @example
   * const pids = await direct.applySync(() => process.pid);
   */
  applySync<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Each<Single, Awaited<R>>>;
  applySync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: OrResults<NoInfer<A>>
  ): Promise<Each<Single, Awaited<R>>>;
  async applySync(fn: (...args: unknown[]) => unknown, ...args: unknown[]): Promise<unknown> {
    return this.apply(fn, ...args);
  }

  /**
   * Runs `fn` on each item. The items are divided into contiguous blocks, one per engine. A block is one task, unless
   * its items are results that tasks must wait for. Results are in input order.
   *
   * @throws as `LoadBalancedView.map`
   * @example
   * const squares = await direct.map((x: number) => x * x, [1, 2, 3, 4]);
   */
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
      const input = {
        rows: { length: to - from, of: (item: number) => rows.of(from + item) },
        pathOf: (item: number, at: number) => pathOf(from + item, at),
      };
      const flags = { ...this.#flagsOn(id), chunkSize: to - from };
      return this.#ports.results.of<unknown[], unknown>(submitMap(this.#ports, call.fn, input, flags));
    });
    return this.#joined(results);
  }

  /**
   * Like `map`, awaited.
   *
   * @example
   * const squares = await direct.mapSync((x: number) => x * x, [1, 2, 3, 4]);
   */
  async mapSync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...sequences: Sequences<A>
  ): Promise<Awaited<R>[]> {
    return this.map(fn, ...sequences);
  }

  /** One line for `console.log`: its engines and flags. */
  [INSPECT](): string {
    return oneLine("DirectView", { targets: this.#targets ?? "all", ...this.flags });
  }

  /** Flags of one engine's part. Each part is a job of its own, so each needs an idempotency key of its own. */
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

/**
 * Divides items into balanced blocks, one per engine. With fewer items than engines, only the first engines get a
 * block.
 */
function blocks(ids: readonly number[], items: number): { id: number; from: number; to: number }[] {
  return ids.slice(0, items).map((id, at) => ({ id, ...chunkBounds(items, Math.min(ids.length, items), at) }));
}

/** Types of the arguments and results of a direct view's methods. */
export declare namespace DirectView {
  export type { DirectTargets as Targets, Each };
}
