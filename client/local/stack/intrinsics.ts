import { ClusterError } from "../../../lambdas/protocol/errors.ts";

/** Resolves the template's references in this deployment. */
export interface References {
  /** Returns the value of `Ref`: a resource's physical name, or a pseudo parameter's value. */
  ref(logicalId: string): string;
  /** Returns the value of `Fn::GetAtt`. */
  attribute(logicalId: string, name: string): string;
}

/**
 * Resolves `Ref`, `Fn::GetAtt`, `Fn::Join` and `Fn::Sub`, the only functions that the CDK writes into our template.
 *
 * @throws ClusterError for any other function, instead of guessing its value
 */
export function resolveIntrinsics(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveIntrinsics(item, references));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && (name === "Ref" || name.startsWith("Fn::")))
    return callIntrinsic(name, argument, references);
  return Object.fromEntries(entries.map(([key, item]) => [key, resolveIntrinsics(item, references)]));
}

function callIntrinsic(name: string, argument: unknown, references: References): string {
  const text = (value: unknown): string => {
    const resolved = resolveIntrinsics(value, references);
    if (typeof resolved === "string") return resolved;
    throw new ClusterError(`${name} in the template holds ${JSON.stringify(resolved)} where a string is expected`);
  };
  const list: unknown[] = Array.isArray(argument) ? argument : [];
  switch (name) {
    case "Ref":
      return references.ref(text(argument));
    case "Fn::GetAtt":
      return references.attribute(text(list[0]), text(list[1]));
    case "Fn::Join":
      if (!Array.isArray(list[1]))
        throw new ClusterError("Fn::Join in the template has no list of values: expected [separator, [values]]");
      return list[1].map(text).join(text(list[0]));
    case "Fn::Sub":
      return substitute(text(argument), references);
    default:
      throw new ClusterError(
        `the embedded cloud cannot resolve ${name} in the template: use Ref, Fn::GetAtt, Fn::Join or Fn::Sub`,
      );
  }
}

/** Resolves `${Name}` and `${Resource.Attribute}` in a text. `${!Literal}` becomes `${Literal}`. */
function substitute(text: string, references: References): string {
  const parts = text.split("}");
  const rest = parts.pop() ?? "";
  const resolved = parts.map((part) => {
    const at = part.indexOf("${");
    const inside = at < 0 ? "" : part.slice(at + 2);
    if (inside === "") return `${part}}`;
    return part.slice(0, at) + substituted(inside, references);
  });
  return resolved.join("") + rest;
}

function substituted(inside: string, references: References): string {
  if (inside.startsWith("!") && inside.length > 1) return `\${${inside.slice(1)}}`;
  const dot = inside.indexOf(".");
  return dot < 0 ? references.ref(inside) : references.attribute(inside.slice(0, dot), inside.slice(dot + 1));
}
