import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The named exports of a module, read from its text: it must have lists and declarations, and no `export *`. */
export interface Exported {
  values: string[];
  types: string[];
}

const LIST = /^export\s+(type\s+)?\{([^}]*)\}/gm;
const DECLARED = /^export\s+(?:async\s+|abstract\s+)?(class|function|const|interface|type)\s+(\w+)/gm;

/** Returns the exports of a module, given by its path from the project's root; sorted. */
export function exportsOf(path: string): Exported {
  const text = textOf(path);
  if (/^export\s+\*/m.test(text)) throw new Error(`${path} exports what it does not name`);
  const [values, types] = [new Set<string>(), new Set<string>()];
  for (const [, areTypes, list = ""] of text.matchAll(LIST))
    for (const entry of list.split(",").map((one) => one.trim())) {
      if (entry === "") continue;
      const name = entry.replace(/^type\s+/, "").replace(/^\w+\s+as\s+/, "");
      (areTypes || entry.startsWith("type ") ? types : values).add(name);
    }
  for (const [, kind = "", name = ""] of text.matchAll(DECLARED))
    (kind === "interface" || kind === "type" ? types : values).add(name);
  return { values: [...values].sort(), types: [...types].sort() };
}

/** Returns the types in the namespace of a value of a module; sorted. */
export function hangingOn(name: string, path: string): string[] {
  const [, list = ""] =
    new RegExp(`^export declare namespace ${name} \\{\\s*export type \\{([^}]*)\\}`, "m").exec(textOf(path)) ?? [];
  const names = list.split(",").map((one) => one.trim().replace(/^\w+\s+as\s+/, ""));
  return names.filter((one) => one !== "").sort();
}

function textOf(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
}

/** A method of a class, with the comment before its first signature. Accessors are not included. */
export interface Method {
  name: string;
  isAccessor: boolean;
  comment: string;
}

/** Returns the public methods of the classes in a module. */
export function methodsOf(path: string): Method[] {
  const found = new Map<string, Method>();
  const signature = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^ {2}(?:static )?(?:async )?(get )?([a-z]\w*)(?:<[^(]*>)?\(/gm;
  for (const [body] of textOf(path).matchAll(/^export (?:abstract )?class [\s\S]*?^\}/gm))
    for (const [, comment = "", accessor, name = ""] of body.matchAll(signature))
      if (name !== "constructor" && !found.has(name))
        found.set(name, { name, isAccessor: accessor !== undefined, comment });
  return [...found.values()];
}

/** Returns the comment before the declaration of a name in a module's text; empty without one. */
export function commentOf(name: string, text: string): string {
  const declared = new RegExp(
    `^export (?:declare |abstract |async )*(?:class|function|const|interface|type) ${name}\\b`,
    "m",
  ).exec(text);
  const before = text.slice(0, declared?.index ?? 0).trimEnd();
  return before.endsWith("*/") ? before.slice(before.lastIndexOf("/**")) : "";
}
