import type { Lock, OwnChange } from "../values/own-changes.ts";
import { member } from "../values/value-shape.ts";
import type { Binding, Met } from "./binding.ts";
import { RUNTIME } from "./reserved-names.ts";

/** Captures a value and returns its expression on the engine. */
export type Bind = (value: unknown, met: Met) => Binding;

/**
 * Returns the unit's lines that apply changes to an object.
 *
 * @param holder the object's expression
 * @param met where the object was found
 */
export function ownLines(holder: string, changes: readonly OwnChange[], met: Met, bind: Bind): string[] {
  return changes.map(({ key, descriptor }) => {
    const keyCode = typeof key === "symbol" ? bind(key, { ...innerMet(met, key), name: "" }).code : JSON.stringify(key);
    if (!descriptor) return `delete ${holder}[${keyCode}];`;
    const parts = (["value", "get", "set"] as const)
      .filter((part) => part in descriptor)
      .map((part) => {
        const value: unknown = descriptor[part];
        return `${part}: ${value === undefined ? "undefined" : bind(value, innerMet(met, key, part)).code}`;
      });
    const flags = (["writable", "enumerable", "configurable"] as const)
      .filter((flag) => descriptor[flag] !== undefined)
      .map((flag) => `${flag}: ${descriptor[flag]}`);
    return `${RUNTIME}.define(${holder}, ${keyCode}, {${[...parts, ...flags].join(", ")}});`;
  });
}

/** Returns the line that locks an object as it is locked here; no line if it is not locked. */
export function lockLines(holder: string, lock: Lock | undefined): string[] {
  return lock === undefined ? [] : [`${RUNTIME}.lock(${holder}, ${JSON.stringify(lock)});`];
}

function innerMet({ path, scriptId, installed, instances }: Met, key: PropertyKey, part = "value"): Met {
  const accessor = typeof key === "symbol" ? `[${String(key)}]` : member(String(key));
  const half = part === "value" ? "" : ` (${part})`;
  const inner: Met = {
    path: path + accessor + half,
    name: typeof key === "symbol" ? "" : String(key),
    scriptId,
    installed,
  };
  return instances ? { ...inner, instances } : inner;
}
