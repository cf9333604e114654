import type { AnyNode, Class, Function as FunctionNode } from "acorn";
import { NameScope } from "./name-scope.ts";
import type { Reach } from "./reach.ts";

/** The walk over the contents of functions and classes. */
export interface InnerWalk {
  readonly reach: Reach;
  visit(node: AnyNode | null | undefined, scope: NameScope): void;
  /** Declares the names of a pattern in `home`. Its defaults are read in `scope`. */
  declare(pattern: AnyNode, home: NameScope, scope: NameScope): void;
  /** Walks code that has its own `this`, or its own `this` and `super`. */
  owning(words: "this" | "this and super", walk: () => void): void;
}

/**
 * Walks a function. Its parameters do not see the variables of the body. They do see the function expression's own
 * name.
 */
export function walkFunction(node: FunctionNode & { type: string }, scope: NameScope, inner: InnerWalk): void {
  if (node.type === "FunctionDeclaration" && node.id) scope.declared.add(node.id.name);
  const parameters = new NameScope(scope, "function");
  const body = new NameScope(parameters, "function");
  if (node.type === "FunctionExpression" && node.id) parameters.declared.add(node.id.name);
  const walk = () =>
    inner.reach.inFunction(() => {
      inner.reach.unsurely(() => {
        for (const parameter of node.params) inner.declare(parameter, parameters, parameters);
      });
      if (node.body.type === "BlockStatement") for (const statement of node.body.body) inner.visit(statement, body);
      else inner.visit(node.body, body);
    });
  if (node.type === "ArrowFunctionExpression") walk();
  else {
    parameters.declared.add("arguments");
    inner.owning("this", walk);
  }
  body.close();
  parameters.close();
}

/** Walks a class. Each member has its own scope, and perhaps none is ever called. */
export function walkClass(node: Class & { type: string }, scope: NameScope, inner: InnerWalk): void {
  if (node.type === "ClassDeclaration" && node.id) scope.declared.add(node.id.name);
  const body = new NameScope(scope, "block");
  if (node.id) body.declared.add(node.id.name);
  inner.visit(node.superClass, body);
  for (const member of node.body.body) {
    if (member.type !== "StaticBlock" && member.computed) inner.visit(member.key, body);
    const home = new NameScope(body, "function");
    inner.reach.unsurely(() =>
      inner.owning("this and super", () => {
        for (const part of member.type === "StaticBlock" ? member.body : [member.value]) inner.visit(part, home);
      }),
    );
    home.close();
  }
  body.close();
}
