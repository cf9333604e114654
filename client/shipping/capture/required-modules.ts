import { notedModules } from "../../../lambdas/authoring/annotations.ts";
import { mainExport } from "../../../lambdas/authoring/main-export.ts";
import { isBuiltinModule } from "../packages/builtin-modules.ts";
import { moduleOfImport } from "../packages/module-of-import.ts";
import type { PackageImport } from "../packages/package-import.ts";
import type { Met } from "../unit/binding.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import { member } from "../values/value-shape.ts";
import { importedAs } from "./function-origin.ts";

/** Something of a required module: an export, or as in `PackageImport` all of it. */
export interface ModulePart {
  module: string;
  name: string;
  member?: string | undefined;
}

/** The modules that must be on the engine: what comes from them is taken from there, and not sent. */
export class RequiredModules {
  readonly names: Set<string>;

  /** @param known those that are known to be required before the function is looked at */
  constructor(known: ReadonlySet<string>) {
    this.names = new Set(known);
  }

  /** The part of a required module that a script imports under the name by which a value was met. */
  importedAs(met: Met): ModulePart | undefined {
    // Node's own are known by their values: the script need not be read for them.
    if (!met.local || ![...this.names].some((name) => !isBuiltinModule(name))) return undefined;
    const found = importedAs(met);
    return found && this.partOf(found);
  }

  /** The part of a required module that an import of a package means. */
  partOf(found: PackageImport): ModulePart | undefined {
    const module = moduleOfImport(found, this.names);
    return module === undefined ? undefined : { module, name: found.name, member: found.member };
  }
}

/** The part of a module that is required on this very engine, by its value: a task submits on what it was given. */
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

/** The own field of an object that holds the value, getters left alone. */
function keyOf(holder: unknown, value: unknown): string | undefined {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return undefined;
  return Object.keys(holder).find((key) => Object.getOwnPropertyDescriptor(holder, key)?.value === value);
}

/** What `import name from` gives of a module, or else its namespace. */
export function mainPart(module: string): ModulePart {
  return { module, name: "=" };
}

/** The expression that gives the part on the engine. */
export function partCode({ module, name, member: further }: ModulePart): string {
  const isMain = name === "=" || name === "default";
  const whole = `${RUNTIME}.${isMain ? "main" : "required"}(${JSON.stringify(module)})`;
  return whole + (isMain || name === "*" ? "" : member(name)) + (further === undefined ? "" : member(further));
}
