import type { AnyNode } from "acorn";
import type { ModuleRequest } from "./free-names.ts";

const REQUEST_CALLS: ReadonlyMap<string, ModuleRequest["kind"]> = new Map([
  ["require", "require"],
  ["__vite_ssr_dynamic_import__", "import"],
]);

/** Returns the module that a call of this name loads; undefined for all other calls. */
export function requestByCall(call: AnyNode, name: string, argument: AnyNode | undefined): ModuleRequest | undefined {
  const kind = REQUEST_CALLS.get(name);
  return kind && requestFor(call, argument, kind);
}

/** Returns the module that an expression loads; undefined if its name is computed. */
export function requestFor(
  { start, end }: AnyNode,
  specifier: AnyNode | undefined,
  kind: ModuleRequest["kind"],
): ModuleRequest | undefined {
  if (specifier?.type !== "Literal" || typeof specifier.value !== "string") return undefined;
  return { start, end, specifier: specifier.value, kind };
}
