import type { ClassExpression, Expression, MethodDefinition, PropertyDefinition, StaticBlock } from "acorn";
import { type FreeVariables, freeNames } from "./free-names.ts";
import { NameWalk } from "./name-walk.ts";

/**
 * Finds the free names of a function or class expression.
 *
 * Skips the parent of a class, which V8 does not keep in a scope: the class itself leads to it. Skips static fields and
 * blocks too, because their results are sent instead.
 *
 * @param keptStatics start offsets of static fields that the engine evaluates again
 */
export function freeVariables(root: Expression, keptStatics: ReadonlySet<number> = new Set()): FreeVariables {
  const walk = new NameWalk();
  walk.visit(root.type === "ClassExpression" ? withoutStatics(root, keptStatics) : root, walk.outer);
  const { outerThis, outerSuper, dynamicScope, importMeta, requests } = walk;
  const names = freeNames(walk.outer.references, requests);
  return { names, outerThis, outerSuper, dynamicScope, importMeta, requests };
}

/** Returns the names that expressions use but do not declare. */
export function namesIn(expressions: readonly Expression[]): Set<string> {
  const walk = new NameWalk();
  for (const expression of expressions) walk.visit(expression, walk.outer);
  return new Set(freeNames(walk.outer.references, []).keys());
}

type Member = MethodDefinition | PropertyDefinition | StaticBlock;

/** Returns a class without the parts that do not run on the engine. */
function withoutStatics(root: ClassExpression, kept: ReadonlySet<number>): ClassExpression {
  const members = root.body.body.flatMap((member): Member[] => {
    if (member.type === "StaticBlock") return [];
    // The value of a method's computed key is read from the class.
    if (member.type === "MethodDefinition") return [{ ...member, computed: false }];
    if (!member.static || kept.has(member.start)) return [member];
    return member.key.type === "PrivateIdentifier" ? [{ ...member, value: null }] : [];
  });
  return { ...root, superClass: null, body: { ...root.body, body: members } };
}
