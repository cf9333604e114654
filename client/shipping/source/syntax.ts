import type { AnyNode, MemberExpression } from "acorn";

/** Whether a value is a node of acorn's tree. */
function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The nodes right below a node, in the order of its fields. */
export function* childrenOf(node: AnyNode): Generator<AnyNode> {
  const fields: unknown[] = Object.values(node);
  for (const field of fields) {
    if (isNode(field)) yield field;
    else if (Array.isArray(field)) for (const item of field) if (isNode(item)) yield item;
  }
}

/** The name of a key that stands in the text as it is: a name, a string or a number. */
export function keyText(key: AnyNode): string {
  if (key.type === "Identifier" || key.type === "PrivateIdentifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "";
}

/** The member that is asked for, where the text names it; undefined for a computed one. */
export function memberName({ property, computed }: MemberExpression): string | undefined {
  if (!computed && property.type === "Identifier") return property.name;
  return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

/** What the parser gives; undefined for text that it does not accept. */
export function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
