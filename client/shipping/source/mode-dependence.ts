import type { AnyNode, ArrowFunctionExpression, FunctionExpression, Property } from "acorn";
import { childrenOf } from "./syntax.ts";

/**
 * Whether a function's behavior may depend on strict mode. It may if the function assigns to members or deletes them,
 * because a failure is silent only in sloppy mode, or if it contains functions whose `this` or `arguments` differ
 * between the modes.
 */
export function dependsOnMode(root: FunctionExpression | ArrowFunctionExpression): boolean {
  return isDependentInside(root, root.type !== "ArrowFunctionExpression");
}

/** Whether the function's body begins with "use strict". */
export function hasStrictDirective({ body }: { body: AnyNode }): boolean {
  if (body.type !== "BlockStatement") return false;
  return body.body.some(
    (statement) => statement.type === "ExpressionStatement" && statement.directive === "use strict",
  );
}

/**
 * Whether the behavior of a part of the function may depend on strict mode.
 *
 * @param ownsThis whether `this` and `arguments` belong to the root or to a function inside it
 */
function isDependent(node: AnyNode, ownsThis: boolean): boolean {
  switch (node.type) {
    case "ThisExpression":
      return ownsThis;
    case "Identifier":
      return ownsThis && node.name === "arguments";
    case "AssignmentExpression":
      return !cannotFail(node.left, ownsThis) || isDependent(node.right, ownsThis);
    case "UpdateExpression":
      return !cannotFail(node.argument, ownsThis);
    case "ForInStatement":
    case "ForOfStatement":
      return (
        !(node.left.type === "VariableDeclaration" || cannotFail(node.left, ownsThis)) || isAnyDependent(node, ownsThis)
      );
    case "UnaryExpression":
      return node.operator === "delete" || isDependent(node.argument, ownsThis);
    case "ClassDeclaration":
    case "ClassExpression":
      // Classes are always strict.
      return false;
    case "Property":
      return isPropertyDependent(node, ownsThis);
    case "ArrowFunctionExpression":
      return isDependentInside(node, ownsThis);
    case "FunctionDeclaration":
    case "FunctionExpression":
      // In sloppy mode, a plain function has own properties that it lacks in strict mode.
      return !(node.async || node.generator) ? !hasStrictDirective(node) : isDependentInside(node, true);
    default:
      return isAnyDependent(node, ownsThis);
  }
}

function isPropertyDependent(node: AnyNode & { type: "Property" }, ownsThis: boolean): boolean {
  const { key, value, computed } = node;
  if (computed && isDependent(key, ownsThis)) return true;
  return isMethod(node) && value.type === "FunctionExpression"
    ? isDependentInside(value, true)
    : isDependent(value, ownsThis);
}

function isMethod({ method, kind }: Pick<Property, "method" | "kind">): boolean {
  return method || kind !== "init";
}

function isDependentInside(node: AnyNode & { body: AnyNode }, ownsThis: boolean): boolean {
  return !hasStrictDirective(node) && isAnyDependent(node, ownsThis);
}

function isAnyDependent(node: AnyNode, ownsThis: boolean): boolean {
  for (const child of childrenOf(node)) if (isDependent(child, ownsThis)) return true;
  return false;
}

/**
 * Whether assigning to this target cannot fail. It can fail for members and for a function's own name; patterns may
 * contain members.
 */
function cannotFail(target: AnyNode, ownsThis: boolean): boolean {
  return target.type === "Identifier" && !isDependent(target, ownsThis);
}
