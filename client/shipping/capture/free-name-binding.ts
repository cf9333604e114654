import type { Guard } from "../../../lambdas/authoring/guard.ts";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { givenFor } from "../functions/given-names.ts";
import { IMPORT_META } from "../functions/shippable-source.ts";
import type { ScopeReading } from "../inspector/scope-reader.ts";
import { canReadScopes } from "../inspector/session.ts";
import { isBuiltin } from "../packages/builtin-modules.ts";
import type { FreeName } from "../source/free-names.ts";
import type { Binding, Met } from "../unit/binding.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import { isEngineGlobal, isOfLanguage } from "../values/intrinsics.ts";
import type { CaptureState } from "./capture-state.ts";
import { refuseChangedGlobal } from "./foreign-changes.ts";
import { moduleBinding } from "./package-bindings.ts";
import { mainPart } from "./required-modules.ts";

const COVERAGE_COUNTER = /^cov_[a-z0-9]+$/;
const WRITTEN = "is assigned to, but the engine has only a copy: return the value, and combine the results";
const LOADS_LATE =
  "is a package that the function loads when it runs, which a task cannot send on: submit the function from your script";
const OUTER_ARGUMENTS = "belongs to the surrounding function: copy it there, as in const args = [...arguments]";

/**
 * Returns the binding that a guard gives a free name; undefined if none does, so that the surrounding scopes decide.
 */
export function givenBinding(
  name: string,
  guards: readonly Guard[],
  { values }: ScopeReading,
  met: Met,
  state: CaptureState,
): Binding | undefined {
  const given = givenFor(name, guards, values);
  if (given === undefined) return undefined;
  if (met.usage?.written) throw new CaptureError(met.path, WRITTEN);
  // The guard holds the value, which no import of the script leads to: omit `local`.
  if ("value" in given)
    return state.bind(given.value, { path: met.path, name, scriptId: met.scriptId, installed: false });
  const held = values.get(name);
  if (held !== undefined && isBuiltin(held, given.module)) return state.bind(held, met);
  const imported = values.has(name) ? state.modules.importedAs(met) : undefined;
  return moduleBinding(imported ?? mainPart(given.module), met, state);
}

/**
 * Returns the binding of a free name; undefined if the name stays free on the engine, where it is a global or not
 * defined.
 */
export function freeNameBinding(
  name: string,
  usage: FreeName,
  reading: ScopeReading,
  met: Met,
  state: CaptureState,
): Binding | undefined {
  if (COVERAGE_COUNTER.test(name)) return { code: `${RUNTIME}.inert` };
  if (name === "__vite_ssr_dynamic_import__") return { code: "((specifier) => import(specifier))" };
  if (name === RUNTIME) throw new CaptureError(met.path, LOADS_LATE);
  if (name === "arguments") throw new CaptureError(met.path, OUTER_ARGUMENTS);
  if (name === "__vite_ssr_import_meta__") throw new CaptureError(met.path, IMPORT_META);
  if (reading.uninitialized.has(name)) {
    throw new CaptureError(met.path, "is not initialized yet: submit after its declaration has run");
  }
  if (!reading.values.has(name)) return outerName(name, usage, met, state);
  if (usage.written) throw new CaptureError(met.path, WRITTEN);
  const value = reading.values.get(name);
  if (name === "require" && typeof value === "function" && Object.hasOwn(value, "resolve")) {
    throw new CaptureError(
      met.path,
      "is called with a computed name, so the module cannot be sent: use a string literal",
    );
  }
  return state.bind(value, met);
}

/** Binds a name that no scope holds. */
function outerName(name: string, usage: FreeName, met: Met, { options, bind }: CaptureState): Binding | undefined {
  if (isEngineGlobal(name)) {
    if (usage.written) throw new CaptureError(met.path, WRITTEN);
    if (isOfLanguage(name)) refuseChangedGlobal(name, met);
    return undefined;
  }
  const global = Object.getOwnPropertyDescriptor(globalThis, name);
  const readable = options.capture && canReadScopes();
  if (usage.written && (global || readable)) throw new CaptureError(met.path, WRITTEN);
  if (global && readable) return bind(Reflect.get(globalThis, name), met);
  if (usage.typeofAsked) return undefined;
  // The name is undefined here too, so it stays free on the engine. That is an error only if every call is certain to
  // read it.
  if (readable && !met.isSure) return undefined;
  if (!options.capture) {
    throw new CaptureError(met.path, `is not declared in the function, and capture is off: pass it as an argument`);
  }
  if (!canReadScopes()) {
    throw new CaptureError(met.path, "cannot be read because this runtime has no inspector: pass it as an argument");
  }
  throw new CaptureError(
    met.path,
    "is not defined where the function is written: declare it, or pass it as an argument",
  );
}
