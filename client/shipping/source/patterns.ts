import type { AnyNode } from "acorn";

/**
 * Returns the direct targets of a pattern: names, members, or nested patterns.
 *
 * @param read called for defaults and computed keys, and for anything that is not a pattern
 */
export function targetsOf(pattern: AnyNode, read: (node: AnyNode) => void): readonly (AnyNode | null)[] {
  switch (pattern.type) {
    case "ObjectPattern":
      return pattern.properties.map((property) => {
        if (property.type === "RestElement") return property.argument;
        if (property.computed) read(property.key);
        return property.value;
      });
    case "ArrayPattern":
      return pattern.elements;
    case "RestElement":
      return [pattern.argument];
    case "AssignmentPattern":
      read(pattern.right);
      return [pattern.left];
    default:
      read(pattern);
      return [];
  }
}
