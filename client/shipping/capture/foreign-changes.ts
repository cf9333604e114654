import { types } from "node:util";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { learnLocations } from "../inspector/locate-function.ts";
import { isInstalled, scriptUrl } from "../inspector/script-catalog.ts";
import type { Met } from "../unit/binding.ts";
import {
  changesOfObject,
  changesOfPrototypes,
  isBound,
  isNative,
  type LanguageChange,
} from "../values/language-changes.ts";
import { member } from "../values/value-shape.ts";
import { scriptOf } from "./function-origin.ts";

/**
 * Engines have their own copies of the language, of Node and of packages, so changes that the program made to those are
 * not sent. A function that could depend on such a change is refused. Changes that installed packages made to the
 * language are ignored, because nearly all of them are polyfills.
 */

/**
 * Whether the value of a built-in name, such as `Array.prototype.at`, is a function of the program. If so, it is
 * captured like any other function.
 */
export function isProgramsOwnInPlace(value: unknown): boolean {
  return typeof value === "function" && !types.isProxy(value) && !isNative(value) && isProgramsOwn(value, undefined);
}

/**
 * Refuses a function that may use members that the program added to the language's prototypes.
 *
 * @param names members that occur in the function's text
 * @throws CaptureError for such a function
 */
export function refuseChangedPrototypes(names: readonly string[], path: string): void {
  refuseOwn(changesOfPrototypes(names), path);
}

/**
 * Refuses an object of the language that the program has changed.
 *
 * @param expression the object's expression, such as `Math`
 * @throws CaptureError if the program changed members that are used
 */
export function refuseChangedObject(holder: unknown, expression: string, { path, usage }: Met): void {
  if (isObject(holder)) refuseOwn(changesOfObject(holder, expression, usage?.members), path);
}

/**
 * Refuses a global of the language that the program has replaced, or whose members it has changed.
 *
 * @throws CaptureError if the changed members are used
 */
export function refuseChangedGlobal(name: string, met: Met): void {
  refuseOwn(changesOfObject(globalThis, "globalThis", [name]), met.path);
  refuseChangedObject(dataOf(globalThis, name), name, met);
}

function refuseOwn(changes: Iterable<LanguageChange>, path: string): void {
  for (const { expression, value } of changes)
    if (typeof value !== "function" || isBound(value) || isProgramsOwn(value, undefined))
      throw new CaptureError(
        path,
        `uses ${expression}, which this program added to the language or replaced, and engines do not have that change: move it to a function of your own, and call that`,
      );
}

/**
 * Refuses an export of a package or of Node that the program has changed.
 *
 * @param value the export
 * @throws CaptureError if the program changed it, its prototype, or members that are used
 */
export function refuseChangedExport(value: unknown, { path, usage }: Met): void {
  if (!isObject(value) || types.isProxy(value)) return;
  const parts = [value, ...(usage?.members ? [...usage.members].map((name) => dataOf(value, name)) : [])];
  for (const part of parts) {
    if (typeof part !== "function" || types.isProxy(part)) continue;
    const key = changedMember(part);
    if (key === undefined) continue;
    throw new CaptureError(
      path,
      `${part.name || "a class"} was changed by this program (${key}), and engines have the published version: subclass it, or call a function of your own`,
    );
  }
}

/** Functions known not to be the program's own. */
const foreign = new WeakSet<object>();

interface Held {
  /** Path from the object that was searched to the member, such as `.prototype.last`. */
  at: string;
  key: PropertyKey;
  fn: object;
}

/** Returns the member that the program put on a foreign function or its prototype. */
// biome-ignore lint/complexity/noBannedTypes: any function may be changed
function changedMember(made: Function): string | undefined {
  const prototype: unknown = dataOf(made, "prototype");
  const held = [...unknownIn(made, "", made), ...(isObject(prototype) ? unknownIn(prototype, ".prototype", made) : [])];
  if (held.length === 0) return undefined;
  learnLocations([made, ...held.map(({ fn }) => fn)]);
  const script = scriptOf(made);
  for (const { at, key, fn } of held) {
    if (isProgramsOwn(fn, script)) return at + shown(key);
    foreign.add(fn);
  }
  return undefined;
}

/** Returns the functions on an object that are not yet known to be foreign. */
function unknownIn(holder: object, at: string, made: object): Held[] {
  const held: Held[] = [];
  for (const key of Reflect.ownKeys(holder)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(holder, key) ?? {};
    const parts: unknown[] = [value, get, set];
    for (const fn of parts)
      if (typeof fn === "function" && fn !== made && !foreign.has(fn) && !types.isProxy(fn) && !isNative(fn))
        held.push({ at, key, fn });
  }
  return held;
}

/**
 * Whether a function belongs to the program, and neither to an installed package nor to Node.
 *
 * @param script a script known not to belong to the program
 */
function isProgramsOwn(fn: object, script: string | undefined): boolean {
  const scriptId = scriptOf(fn);
  if (scriptId === undefined || scriptId === script) return false;
  const url = scriptUrl(scriptId);
  return !isInstalled(url) && url?.startsWith("node:") !== true;
}

function dataOf(holder: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(holder, name)?.value;
}

function shown(key: PropertyKey): string {
  return typeof key === "symbol" ? `[${String(key)}]` : member(String(key));
}

function isObject(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}
