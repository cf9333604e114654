import { types } from "node:util";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { learnPlaces } from "../inspector/function-place.ts";
import { isInstalled, scriptUrl } from "../inspector/script-catalogue.ts";
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

/*
 * What the program changed of classes that are not its own is not sent, as the engine has its own: so a function that would meet the
 * change is refused. What installed packages change of the language is left out of account: those are polyfills.
 */

/** Whether what stands in the language is a function of the program, which is captured as such. */
export function isProgramsOwnInPlace(value: unknown): boolean {
  return typeof value === "function" && !types.isProxy(value) && !isNative(value) && isProgramsOwn(value, undefined);
}

/** @throws CaptureError for a function whose text names members that the program put on prototypes of the language */
export function refuseChangedPrototypes(names: readonly string[], path: string): void {
  refuseOwn(changesOfPrototypes(names), path);
}

/**
 * @param expression what the object is in the language, as `Math`
 * @throws CaptureError where the program has changed members that are used of it
 */
export function refuseChangedObject(holder: unknown, expression: string, { path, usage }: Met): void {
  if (isObject(holder)) refuseOwn(changesOfObject(holder, expression, usage?.members), path);
}

/** @throws CaptureError where the program has replaced a global of the language, or members that are used of it */
export function refuseChangedGlobal(name: string, met: Met): void {
  refuseOwn(changesOfObject(globalThis, "globalThis", [name]), met.path);
  refuseChangedObject(dataOf(globalThis, name), name, met);
}

function refuseOwn(changes: Iterable<LanguageChange>, path: string): void {
  for (const { expression, value } of changes)
    if (typeof value !== "function" || isBound(value) || isProgramsOwn(value, undefined))
      throw new CaptureError(
        path,
        `uses ${expression}, which this program added to the language or replaced, and engines have the language's own: make it a function by itself, and call that`,
      );
}

/**
 * @param value what a package, or Node, exports
 * @throws CaptureError where the program has changed it, its prototype, or members that are used of it
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
      `${part.name || "a class"} was changed by this program (${key}), and engines have it as it was published: change a subclass of it, or call a function of your own`,
    );
  }
}

/** Functions that are known not to be the program's. */
const foreign = new WeakSet<object>();

interface Held {
  /** Where it is, as in `.prototype.last`. */
  at: string;
  key: PropertyKey;
  fn: object;
}

/** The member that the program put on somebody else's function or its prototype. */
// biome-ignore lint/complexity/noBannedTypes: any function may be changed
function changedMember(made: Function): string | undefined {
  const prototype: unknown = dataOf(made, "prototype");
  const held = [...unknownIn(made, "", made), ...(isObject(prototype) ? unknownIn(prototype, ".prototype", made) : [])];
  if (held.length === 0) return undefined;
  learnPlaces([made, ...held.map(({ fn }) => fn)]);
  const script = scriptOf(made);
  for (const { at, key, fn } of held) {
    if (isProgramsOwn(fn, script)) return at + shown(key);
    foreign.add(fn);
  }
  return undefined;
}

/** The functions on an object of which nobody knows yet whose they are. */
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

/** Whether a function is of the program, neither installed nor Node's. `script` is one that is not the program's. */
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
