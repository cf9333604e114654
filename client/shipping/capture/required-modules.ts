import { notedModules } from "../../../lambdas/authoring/annotations.ts";
import { mainExport } from "../../../lambdas/authoring/main-export.ts";
import { isBuiltinModule } from "../packages/builtin-modules.ts";
import { moduleOfImport } from "../packages/module-of-import.ts";
import type { PackageImport } from "../packages/package-import.ts";
import type { Met } from "../unit/binding.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import { member } from "../values/value-shape.ts";
import { importedAs } from "./function-origin.ts";

/** A part of a required module. `name` and `member` are as in `PackageImport`. */
export interface ModulePart {
  module: string;
  name: string;
  member?: string | undefined;
}

/** The modules that the engine must have. Their exports are loaded there and not sent. */
export class RequiredModules {
  readonly names: Set<string>;

  /** @param known modules known to be required before the function is examined */
  constructor(known: ReadonlySet<string>) {
    this.names = new Set(known);
  }

  /** Returns the part of a required module that the script imports under the name by which the value was found. */
  importedAs(met: Met): ModulePart | undefined {
    // Node's modules are recognized by value, without reading the script.
    if (!met.local || ![...this.names].some((name) => !isBuiltinModule(name))) return undefined;
    const found = importedAs(met);
    return found && this.partOf(found);
  }

  /** Returns the part of a required module that a package import refers to. */
  partOf(found: PackageImport): ModulePart | undefined {
    const module = moduleOfImport(found, this.names);
    return module === undefined ? undefined : { module, name: found.name, member: found.member };
  }
}

/**
 * Returns the part of a module loaded on this engine that is this value, so that a task can submit values of such
 * modules.
 */
export function requiredHere(value: unknown): ModulePart | undefined {
  for (const [module, namespace] of notedModules()) {
    if (isBuiltinModule(module)) continue;
    if (value === namespace) return { module, name: "*" };
    const main = mainExport(namespace);
    if (value === main) return mainPart(module);
    const name = keyOf(namespace, value);
    if (name !== undefined) return { module, name };
    const further = keyOf(main, value);
    if (further !== undefined) return { ...mainPart(module), member: further };
  }
  return undefined;
}

/** Returns the own field of an object that holds the value. Getters are not called. */
function keyOf(holder: unknown, value: unknown): string | undefined {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return undefined;
  return Object.keys(holder).find((key) => Object.getOwnPropertyDescriptor(holder, key)?.value === value);
}

/** Returns the part that `import name from` would give: the default export, or else the namespace. */
export function mainPart(module: string): ModulePart {
  return { module, name: "=" };
}

/** Returns the expression that gives the part on the engine. */
export function partCode({ module, name, member: further }: ModulePart): string {
  const isMain = name === "=" || name === "default";
  const whole = `${RUNTIME}.${isMain ? "main" : "required"}(${JSON.stringify(module)})`;
  return whole + (isMain || name === "*" ? "" : member(name)) + (further === undefined ? "" : member(further));
}
