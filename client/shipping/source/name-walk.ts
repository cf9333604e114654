import type {
  AnyNode,
  AssignmentProperty,
  CallExpression,
  MemberExpression,
  Property,
  UnaryExpression,
  VariableDeclaration,
} from "acorn";
import type { ModuleRequest, Reference } from "./free-names.ts";
import { type InnerWalk, walkClass, walkFunction } from "./function-scopes.ts";
import { requestByCall, requestFor } from "./module-requests.ts";
import { NameScope } from "./name-scope.ts";
import { targetsOf } from "./patterns.ts";
import { mayBePassed, Reach } from "./reach.ts";
import { childrenOf, memberName } from "./syntax.ts";

/** A node; null or undefined for an optional node that the source omits. */
type MaybeNode = AnyNode | null | undefined;

/** Walks a source and records every name in its scope. */
export class NameWalk implements InnerWalk {
  readonly outer = new NameScope(undefined, "function");
  readonly requests: ModuleRequest[] = [];
  outerThis = false;
  outerSuper = false;
  dynamicScope = false;
  importMeta = false;
  readonly reach = new Reach();
  /** How many surrounding functions and class members have their own `this`. */
  #ownThis = 0;
  #ownSuper = 0;

  visit(node: MaybeNode, scope: NameScope): void {
    if (!node || this.#visitBranches(node, scope)) return;
    if (mayBePassed(node)) this.reach.unsurely(() => this.#visitUses(node, scope));
    else this.#visitUses(node, scope);
  }

  #visitAll(nodes: Iterable<MaybeNode>, scope: NameScope): void {
    for (const node of nodes) this.visit(node, scope);
  }

  #refer(scope: NameScope, reference: Reference): void {
    scope.references.push({ ...reference, certain: this.reach.isCertain });
  }

  /** Visits branches and jumps, after which later code may not run. Returns false for all other nodes. */
  #visitBranches(node: AnyNode, scope: NameScope): boolean {
    switch (node.type) {
      case "IfStatement":
      case "ConditionalExpression":
        this.visit(node.test, scope);
        this.#visitUnsure([node.consequent, node.alternate], scope);
        return true;
      case "LogicalExpression":
        this.visit(node.left, scope);
        this.#visitUnsure([node.right], scope);
        return true;
      case "ReturnStatement":
      case "ThrowStatement":
        this.visit(node.argument, scope);
        this.reach.leave();
        return true;
      case "BreakStatement":
      case "ContinueStatement":
        this.reach.leave();
        return true;
      default:
        return false;
    }
  }

  #visitUnsure(nodes: Iterable<MaybeNode>, scope: NameScope): void {
    this.reach.unsurely(() => this.#visitAll(nodes, scope));
  }

  /** Visits nodes that refer to names, or hold identifiers that are not references. */
  #visitUses(node: AnyNode, scope: NameScope): void {
    switch (node.type) {
      case "Identifier":
        this.#refer(scope, { name: node.name, use: "read" });
        return;
      case "ThisExpression":
        if (this.#ownThis === 0) this.outerThis = true;
        return;
      case "Super":
        if (this.#ownSuper === 0) this.outerSuper = true;
        return;
      case "MetaProperty":
        if (node.meta.name === "import") this.importMeta = true;
        return;
      case "MemberExpression":
        this.#visitMember(node, scope, "member");
        return;
      case "CallExpression":
        this.#visitCall(node, scope);
        return;
      case "ImportExpression": {
        const request = requestFor(node, node.source, "import");
        if (request) this.requests.push(request);
        else this.visit(node.source, scope);
        return;
      }
      case "UnaryExpression":
        this.#visitUnary(node, scope);
        return;
      case "UpdateExpression":
        this.#visitTarget(node.argument, scope);
        return;
      case "AssignmentExpression":
        this.#visitTarget(node.left, scope);
        if (/^(&&|\|\||\?\?)=$/.test(node.operator)) this.#visitUnsure([node.right], scope);
        else this.visit(node.right, scope);
        return;
      case "Property":
        this.#visitProperty(node, scope);
        return;
      case "LabeledStatement":
        this.visit(node.body, scope);
        return;
      default:
        this.#visitScopes(node, scope);
    }
  }

  /** Visits nodes that declare names or have their own scope. */
  #visitScopes(node: AnyNode, scope: NameScope): void {
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        walkFunction(node, scope, this);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        walkClass(node, scope, this);
        return;
      case "VariableDeclaration":
        this.#visitDeclaration(node, scope);
        return;
      case "CatchClause":
        this.#inBlock(scope, (inner) => {
          this.declare(node.param, inner, inner);
          this.visit(node.body, inner);
        });
        return;
      case "BlockStatement":
      case "ForStatement":
      case "SwitchStatement":
        this.#inBlock(scope, (inner) => this.#visitAll(childrenOf(node), inner));
        return;
      case "ForInStatement":
      case "ForOfStatement":
        this.#inBlock(scope, (inner) => {
          if (node.left.type === "VariableDeclaration") this.visit(node.left, inner);
          else this.#visitTarget(node.left, inner);
          this.#visitAll([node.right, node.body], inner);
        });
        return;
      case "WithStatement":
        this.dynamicScope = true;
        this.#visitAll(childrenOf(node), scope);
        return;
      default:
        this.#visitAll(childrenOf(node), scope);
    }
  }

  #visitProperty(node: Property | AssignmentProperty, scope: NameScope): void {
    if (node.computed) this.visit(node.key, scope);
    const method = node.method || node.kind !== "init" ? 1 : 0;
    this.#ownSuper += method;
    this.visit(node.value, scope);
    this.#ownSuper -= method;
  }

  #visitMember(node: MemberExpression, scope: NameScope, use: "member" | "method" | "read"): void {
    const { object } = node;
    const member = memberName(node);
    if (object.type === "Identifier" && member !== undefined && use !== "read") {
      this.#refer(scope, { name: object.name, use, member });
      return;
    }
    this.visit(object, scope);
    if (node.computed) this.visit(node.property, scope);
  }

  #visitCall(node: CallExpression, scope: NameScope): void {
    const { callee } = node;
    if (callee.type === "Identifier") {
      const { name } = callee;
      if (name === "eval") this.dynamicScope = true;
      const request = requestByCall(node, name, node.arguments[0]);
      if (request) {
        this.#refer(scope, { name, use: "read", request });
        return;
      }
    }
    if (callee.type === "MemberExpression") this.#visitMember(callee, scope, "method");
    else this.visit(callee, scope);
    this.#visitAll(node.arguments, scope);
  }

  #visitUnary({ operator, argument }: UnaryExpression, scope: NameScope): void {
    if (operator === "typeof" && argument.type === "Identifier")
      this.#refer(scope, { name: argument.name, use: "typeof" });
    else if (operator === "delete" && argument.type === "MemberExpression") this.#visitMember(argument, scope, "read");
    else this.visit(argument, scope);
  }

  /** Visits the target of an assignment. If the target is a member, its object counts as used as a whole. */
  #visitTarget(node: MaybeNode, scope: NameScope): void {
    if (!node) return;
    if (node.type === "Identifier") this.#refer(scope, { name: node.name, use: "write" });
    else if (node.type === "MemberExpression") this.#visitMember(node, scope, "read");
    else for (const target of targetsOf(node, (read) => this.visit(read, scope))) this.#visitTarget(target, scope);
  }

  /** Declares the names of a pattern in `home`. Defaults and computed keys are read in `scope`. */
  declare(node: MaybeNode, home: NameScope, scope: NameScope): void {
    if (!node) return;
    if (node.type === "Identifier") home.declared.add(node.name);
    else for (const target of targetsOf(node, (read) => this.visit(read, scope))) this.declare(target, home, scope);
  }

  #visitDeclaration(node: VariableDeclaration, scope: NameScope): void {
    const home = node.kind === "var" ? scope.variables : scope;
    for (const { id, init } of node.declarations) {
      this.declare(id, home, scope);
      this.visit(init, scope);
    }
  }

  owning(words: "this" | "this and super", walk: () => void): void {
    const ownsSuper = words === "this" ? 0 : 1;
    this.#ownThis++;
    this.#ownSuper += ownsSuper;
    walk();
    this.#ownThis--;
    this.#ownSuper -= ownsSuper;
  }

  #inBlock(scope: NameScope, walk: (inner: NameScope) => void): void {
    const inner = new NameScope(scope, "block");
    walk(inner);
    inner.close();
  }
}
