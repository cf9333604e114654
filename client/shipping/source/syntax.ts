import type { AnyNode, MemberExpression } from "acorn";

/** Whether a value is a node of acorn's syntax tree. */
function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** Yields the direct children of a node, in the order of its fields. */
export function* childrenOf(node: AnyNode): Generator<AnyNode> {
  const fields: unknown[] = Object.values(node);
  for (const field of fields) {
    if (isNode(field)) yield field;
    else if (Array.isArray(field)) for (const item of field) if (isNode(item)) yield item;
  }
}

/** Returns the text of a key that is not computed: a name, a string or a number. */
export function keyText(key: AnyNode): string {
  if (key.type === "Identifier" || key.type === "PrivateIdentifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "";
}

/** Returns the name of the member accessed; undefined if it is computed from anything but a string literal. */
export function memberName({ property, computed }: MemberExpression): string | undefined {
  if (!computed && property.type === "Identifier") return property.name;
  return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

/** Returns the parser's result; undefined if it does not accept the text. */
export function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
