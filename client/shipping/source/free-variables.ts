import type { ClassExpression, Expression, MethodDefinition, PropertyDefinition, StaticBlock } from "acorn";
import { type FreeVariables, freeNames } from "./free-names.ts";
import { NameWalk } from "./name-walk.ts";

/**
 * Finds the free names of a function or class expression. What the class extends is left out: V8 does not
 * keep it in a scope, and the class itself knows it. So are static fields and blocks: what they hold travels as it is now.
 *
 * @param keptStatics where static fields begin that are made anew on the engine
 */
export function freeVariables(root: Expression, keptStatics: ReadonlySet<number> = new Set()): FreeVariables {
  const walk = new NameWalk();
  walk.visit(root.type === "ClassExpression" ? withoutStatics(root, keptStatics) : root, walk.outer);
  const { outerThis, outerSuper, dynamicScope, importMeta, requests } = walk;
  const names = freeNames(walk.outer.references, requests);
  return { names, outerThis, outerSuper, dynamicScope, importMeta, requests };
}

/** The names that expressions read by themselves. */
export function namesIn(expressions: readonly Expression[]): Set<string> {
  const walk = new NameWalk();
  for (const expression of expressions) walk.visit(expression, walk.outer);
  return new Set(freeNames(walk.outer.references, []).keys());
}

type Member = MethodDefinition | PropertyDefinition | StaticBlock;

/** A class without what is not run on the engine. */
function withoutStatics(root: ClassExpression, kept: ReadonlySet<number>): ClassExpression {
  const members = root.body.body.flatMap((member): Member[] => {
    if (member.type === "StaticBlock") return [];
    // What a method's computed key gave is seen on the class.
    if (member.type === "MethodDefinition") return [{ ...member, computed: false }];
    if (!member.static || kept.has(member.start)) return [member];
    return member.key.type === "PrivateIdentifier" ? [{ ...member, value: null }] : [];
  });
  return { ...root, superClass: null, body: { ...root.body, body: members } };
}
