import { types } from "node:util";
import { isRecord } from "../../../lambdas/protocol/record.ts";
import { innerValues } from "../inspector/inner-values.ts";
import type { Binding, Met, Slot } from "../unit/binding.ts";
import { type Bind, lockLines, ownLines } from "../unit/own-lines.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import type { ObjectShape } from "../values/object-shape.ts";
import { lockOf } from "../values/own-changes.ts";
import { prototypeBinding } from "./function-parts.ts";

/** The parts of a bound function. */
export interface BoundParts {
  target: object;
  self: unknown;
  args: readonly unknown[];
}

/** Returns the parts of a bound function; undefined for any other function, or without an inspector. */
export function boundParts(fn: object): BoundParts | undefined {
  if (types.isProxy(fn) || !Function.prototype.toString.call(fn).endsWith("{ [native code] }")) return undefined;
  const inner = innerValues(fn);
  const target = inner.get("[[TargetFunction]]");
  if (typeof target !== "function") return undefined;
  const args = inner.get("[[BoundArgs]]");
  return { target, self: inner.get("[[BoundThis]]"), args: listOf(args) };
}

/** Returns the lines that restore a bound function's name, length and fields. */
export function boundLines(slot: Slot, fn: object, met: Met, bind: Bind): string[] {
  const keys = Reflect.ownKeys(fn);
  const own = keys.map((key) => ({ key, descriptor: Object.getOwnPropertyDescriptor(fn, key) ?? {} }));
  const text = ({ key, descriptor }: (typeof own)[number]) =>
    key === "length" || (key === "name" && typeof descriptor.value === "string")
      ? [`${RUNTIME}.define(${slot.at}, "${key}", {value: ${JSON.stringify(descriptor.value)}});`]
      : ownLines(slot.at, [{ key, descriptor }], met, bind);
  slot.locks.push(...lockLines(slot.at, lockOf(fn)));
  return own.flatMap(text);
}

/** Adds the lines that apply a shape to an object. */
export function addShape(slot: Slot, value: object, shape: ObjectShape, met: Met, bind: Bind): void {
  if (shape.prototype !== undefined) {
    const above = prototypeBinding(shape.prototype, met, bind);
    slot.finish.push(`${RUNTIME}.inherit(${slot.at}, ${above.code});`);
  }
  slot.finish.push(...ownLines(slot.at, shape.own, met, bind));
  slot.locks.push(...lockLines(slot.at, lockOf(value)));
}

interface WeakCollection {
  value: object;
  slot: Slot;
  met: Met;
  done: Set<unknown>;
}

/**
 * Weak collections to capture. Only entries whose keys are captured too are sent: no other entry could be looked up on
 * the engine.
 */
export class WeakCollections {
  readonly #all: WeakCollection[] = [];

  add(value: object, slot: Slot, met: Met): void {
    this.#all.push({ value, slot, met, done: new Set() });
  }

  /**
   * Captures the entries whose keys are captured. Their values may bring further keys, so this repeats until nothing
   * changes.
   *
   * @param keyOf returns the expression of a key; undefined if the key is not captured
   */
  settle(keyOf: (key: unknown) => Binding | undefined, bind: Bind): void {
    for (let grew = true; grew; ) {
      grew = false;
      for (const { value, slot, met, done } of this.#all)
        for (const entry of entriesOf(value)) {
          if (done.has(entry.key)) continue;
          const key = keyOf(entry.key);
          if (!key) continue;
          grew = true;
          done.add(entry.key);
          const held =
            entry.value === undefined ? "undefined" : bind(entry.value, { ...met, path: `${met.path}.get(…)` }).code;
          slot.finish.push(
            types.isWeakSet(value) ? `${slot.at}.add(${key.code});` : `${slot.at}.set(${key.code}, ${held});`,
          );
        }
    }
  }
}

function entriesOf(value: object): { key: unknown; value: unknown }[] {
  return listOf(innerValues(value).get("[[Entries]]")).flatMap((entry): { key: unknown; value: unknown }[] => {
    if (!isRecord(entry)) return [];
    const { key, value: held } = entry;
    if (types.isWeakSet(value)) return [{ key: held, value: undefined }];
    return key === undefined ? [] : [{ key, value: held }];
  });
}

/** The items of a list. The inspector returns lists without the methods of an array. */
function listOf(list: unknown): unknown[] {
  return Array.isArray(list) ? Array.from<unknown>(list) : [];
}
