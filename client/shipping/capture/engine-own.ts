import { deployedName, isDeployedModule } from "../../../lambdas/authoring/deployed-names.ts";
import { registrationOf } from "../../../lambdas/protocol/class-registry.ts";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { builtinPlace } from "../packages/builtin-modules.ts";
import type { Binding, Met } from "../unit/binding.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import { intrinsicExpression, isOfLanguage } from "../values/intrinsics.ts";
import { ownExportName } from "../values/own-exports.ts";
import { member } from "../values/value-shape.ts";
import type { CaptureState } from "./capture-state.ts";
import { isProgramsOwnInPlace, refuseChangedExport, refuseChangedObject } from "./foreign-changes.ts";
import { moduleBinding } from "./package-bindings.ts";
import { requiredHere } from "./required-modules.ts";

/**
 * Returns the binding of a value that the engine has itself: fantail's exports, deployed functions, registered classes,
 * built-in objects of the language and of Node, Node's modules, and modules required on this engine. Undefined for any
 * other value.
 */
export function engineOwn(value: unknown, met: Met, state: CaptureState): Binding | undefined {
  const { unit, modules, options } = state;
  const own = typeof value === "object" || typeof value === "function" ? value && ownExportName(value) : undefined;
  if (typeof own === "string") {
    unit.note(met, "fantail", own);
    return { code: `${RUNTIME}.own(${JSON.stringify(own)})` };
  }
  if (isDeployedModule(value)) return deployedModule(met, state);
  const deployed = deployedName(value);
  if (deployed !== undefined) {
    unit.deployed.add(deployed);
    unit.note(met, "deployed", deployed);
    return { code: `${RUNTIME}.deployed(${JSON.stringify(deployed)})` };
  }
  const registered = options.ownClasses ? undefined : registrationOf(value);
  if (registered) {
    unit.note(met, "class", `registered ${registered.name}`);
    return { code: `${RUNTIME}.class(${JSON.stringify(registered.name)})` };
  }
  const intrinsic = intrinsicExpression(value);
  const isLanguage = intrinsic !== undefined && isOfLanguage(intrinsic);
  if (intrinsic !== undefined && !(isLanguage && isProgramsOwnInPlace(value))) {
    if (isLanguage) refuseChangedObject(value, intrinsic, met);
    unit.note(met, "global", intrinsic);
    return { code: intrinsic };
  }
  const required = requiredHere(value);
  if (required) {
    modules.names.add(required.module);
    return moduleBinding(required, met, state);
  }
  const place = builtinPlace(value);
  if (!place) return undefined;
  refuseChangedExport(value, met);
  unit.note(met, "builtin", place.module + (place.member === undefined ? "" : ` ${place.member}`));
  return { code: unit.builtin(place.module) + (place.member === undefined ? "" : member(place.member)) };
}

/**
 * Binds the object of all deployed functions. The members used must be known, because engines load those functions
 * together with this one.
 */
function deployedModule({ path, usage }: Met, { unit }: CaptureState): Binding {
  if (!usage?.members)
    throw new CaptureError(
      path,
      "refers to all deployed functions at once: name the ones you use, as in const { resize } = deployed()",
    );
  for (const name of usage.members) unit.deployed.add(name);
  unit.captured.push({ path, kind: "deployed", what: [...usage.members].join(", ") });
  return { code: `${RUNTIME}.own("deployed")()` };
}
