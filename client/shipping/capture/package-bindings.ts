import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { isBuiltinModule } from "../packages/builtin-modules.ts";
import { type PackageImport, packageRequest } from "../packages/package-import.ts";
import type { ModuleRequest } from "../source/free-names.ts";
import type { Binding, Met, Slot } from "../unit/binding.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import type { CaptureState } from "./capture-state.ts";
import { refuseChangedExport } from "./foreign-changes.ts";
import { scriptOf } from "./function-origin.ts";
import { type ModulePart, partCode } from "./required-modules.ts";

/**
 * Captures the exports of packages that a function uses. Packages are bundled and sent with the function, except
 * required ones, which must be on the engine.
 */
export class PackageBindings {
  readonly #state: CaptureState;
  readonly #known = new Map<string, Binding>();

  constructor(state: CaptureState) {
    this.#state = state;
  }

  /**
   * Returns the binding of an export. Its package is bundled unless it is required.
   *
   * @param value the export's value here; undefined if it was not loaded
   * @throws CaptureError if the program has changed it
   */
  of(found: PackageImport, met: Met, value: unknown): Binding {
    const { unit, modules } = this.#state;
    refuseChangedExport(value, met);
    const required = modules.partOf(found);
    if (required) return moduleBinding(required, met, this.#state);
    const key = JSON.stringify(found);
    const known = this.#known.get(key);
    if (known) return known;
    const binding = { code: `${RUNTIME}.packages[${unit.packages.length}]` };
    unit.packages.push(found);
    this.#known.set(key, binding);
    unit.note(met, "package", `${found.from} ${found.member ?? found.name}`);
    return binding;
  }

  /** Makes a function's dynamic `import` or `require` load the module that is sent or that is on the engine. */
  addRequest(slot: Slot, request: ModuleRequest, fn: object, met: Met): void {
    const { specifier, kind, start, end } = request;
    const { unit } = this.#state;
    if (isBuiltinModule(specifier)) {
      unit.builtins.add(specifier);
      const loaded = kind === "require" ? unit.builtin(specifier) : `import(${JSON.stringify(specifier)})`;
      slot.edits.push({ start, end, code: loaded });
      return;
    }
    const path = `${met.path} → ${kind}(${JSON.stringify(specifier)})`;
    const found = packageRequest(scriptOf(fn), specifier);
    if (!found)
      throw new CaptureError(
        path,
        "loads a module at run time that is local, or whose package cannot be found: import a local module at the top of the file, or install the package",
      );
    const { code } = this.of(kind === "require" ? { ...found, name: "=" } : found, { ...met, path }, undefined);
    slot.edits.push({ start, end, code: kind === "require" ? code : `Promise.resolve(${code})` });
  }
}

/** Returns the binding of a part of a module that the engine must have. */
export function moduleBinding(part: ModulePart, met: Met, { unit }: CaptureState): Binding {
  unit.note(met, "module", part.module + (/^[*=]$/.test(part.name) ? "" : ` ${part.name}`));
  return { code: partCode(part) };
}
