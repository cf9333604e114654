import type { RegisteredClass } from "../../lambdas/protocol/class-registry.ts";
import { Capture } from "./capture/capture.ts";
import { type Shipped, type ShippedUnit, shippedUnit } from "./ship-function.ts";
import { writeUnit } from "./unit/write-unit.ts";

/**
 * Serializes classes with everything they use into one unit, because they may refer to each other. The unit evaluates
 * to a list of `[name, class, serialize, deserialize]`.
 *
 * @throws CaptureError that names the class and the value that cannot be sent
 */
export function shipClasses(
  classes: readonly RegisteredClass[],
  allowSecrets: readonly string[] = [],
): ShippedUnit & Pick<Shipped, "modules" | "uses"> {
  const name = "classes";
  const capture = new Capture({ capture: true, allowSecrets, ownClasses: true });
  const list = classes.map((registered) => {
    const parts = [registered.made, registered.serialize, registered.deserialize].map((part, at) =>
      part === undefined ? "undefined" : capture.part(part, `registerClass(${registered.name})${PARTS[at]}`).code,
    );
    return `[${JSON.stringify(registered.name)}, ${parts.join(", ")}]`;
  });
  capture.settle();
  const unit = shippedUnit(name, capture, writeUnit(name, capture, { code: `[${list.join(", ")}]` }));
  return { ...unit, modules: [...capture.modules.names], uses: [...capture.unit.deployed] };
}

const PARTS = ["", " → serialize", " → deserialize"];
