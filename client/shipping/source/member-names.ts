import type { AnyNode } from "acorn";
import { childrenOf, keyText, memberName } from "./syntax.ts";

/**
 * Returns the names of members that a piece of source uses on any object, as in `list.last` and `const { last } =
 * list`.
 */
export function memberNames(root: AnyNode): readonly string[] {
  const names = new Set<string>();
  addNames(root, names);
  return [...names];
}

function addNames(node: AnyNode, names: Set<string>): void {
  if (node.type === "MemberExpression") names.add(memberName(node) ?? "");
  if (node.type === "ObjectPattern")
    for (const property of node.properties) if (property.type === "Property") names.add(keyText(property.key));
  for (const child of childrenOf(node)) addNames(child, names);
}
