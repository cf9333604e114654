/** A node of acorn's tree, as far as the walk looks at it. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** How a piece of source uses a name that it does not declare. */
export interface FreeName {
  /** Whether it is assigned to. */
  written: boolean;
  /** Whether a call of the function is sure to read it: no condition, loop, `try` or inner function stands around, and nothing returns before. */
  certain: boolean;
  /** Whether `typeof name` is asked somewhere, so that the code may be ready for its absence. */
  typeofAsked: boolean;
  /** Members read, as in `name.member`, where that is all that is done with it; undefined otherwise. */
  members: Set<string> | undefined;
  /** Whether a member is called as a method, so that `this` is the object. */
  methodCalls: boolean;
}

/** What a piece of source takes from its surroundings. */
export interface FreeVariables {
  names: Map<string, FreeName>;
  /** `this` of the surroundings, by an arrow function. */
  outerThis: boolean;
  /** `super` of a method outside its class. */
  outerSuper: boolean;
  /** `eval(…)` or `with`, which see every name. */
  dynamicScope: boolean;
  importMeta: boolean;
  /** `import("literal")`, `require("literal")` and vite's form of the first, by their place in the source. */
  requests: ModuleRequest[];
}

export interface ModuleRequest {
  start: number;
  end: number;
  specifier: string;
  kind: "import" | "require";
}

interface Reference {
  name: string;
  use: "read" | "write" | "typeof" | "member" | "method";
  member?: string;
  certain?: boolean;
  /** A call by this name that asks for a module, if the name turns out to be free. */
  request?: ModuleRequest;
}

class Scope {
  readonly declared = new Set<string>();
  readonly references: Reference[] = [];
  readonly parent: Scope | undefined;
  /** Where `var` lands. */
  readonly variables: Scope;
  constructor(parent: Scope | undefined, kind: "function" | "block") {
    this.parent = parent;
    this.variables = kind === "function" || !parent ? this : parent.variables;
  }
  /** Hands what it does not declare to its parent. Called once all declarations were seen, so hoisting needs no care. */
  close(): void {
    for (const reference of this.references) {
      if (!this.declared.has(reference.name)) this.parent?.references.push(reference);
    }
  }
}

/**
 * Finds the free names of a function or class expression. What the class extends is left out: V8 does not
 * keep it in a scope, and the class itself knows it. So are static fields and blocks: what they hold travels as it is now.
 *
 * @param keptStatics where static fields begin that are made anew on the engine
 */
export function freeVariables(root: SyntaxNode, keptStatics: ReadonlySet<number> = new Set()): FreeVariables {
  const walk = new Walk();
  walk.visit(root.type === "ClassExpression" ? withoutStatics(root, keptStatics) : root, walk.outer);
  return walk.found();
}

/** A class without what is not run on the engine. */
function withoutStatics(root: SyntaxNode, kept: ReadonlySet<number>): SyntaxNode {
  const body = asNode(root.body);
  if (!body) return { ...root, superClass: null };
  const members = (body.body as SyntaxNode[]).flatMap((member): SyntaxNode[] => {
    if (member.type === "StaticBlock") return [];
    // What a method's computed key gave is seen on the class.
    if (member.type === "MethodDefinition") return [{ ...member, computed: false }];
    if (member.type !== "PropertyDefinition" || !member.static || kept.has(member.start)) return [member];
    return asNode(member.key)?.type === "PrivateIdentifier" ? [{ ...member, value: null }] : [];
  });
  return { ...root, superClass: null, body: { ...body, body: members } };
}

/** What stands in these may never be reached. */
const UNSURE = new Set(
  "ForStatement ForInStatement ForOfStatement WhileStatement SwitchStatement TryStatement ChainExpression".split(" "),
);
const FUNCTIONS = new Set(["FunctionExpression", "FunctionDeclaration", "ArrowFunctionExpression"]);
const REQUEST_CALLS: Record<string, ModuleRequest["kind"]> = {
  require: "require",
  __vite_ssr_dynamic_import__: "import",
};

class Walk {
  readonly outer = new Scope(undefined, "function");
  #outerThis = false;
  #outerSuper = false;
  #dynamicScope = false;
  #importMeta = false;
  readonly #requests: ModuleRequest[] = [];
  /** Functions and class bodies around the node that have a `this` of their own. */
  #ownThis = 0;
  #ownSuper = 0;
  /** Functions around the node, the root included. */
  #depth = 0;
  #unsure = 0;
  /** Whether the root may have been left before the node. */
  #left = false;

  found(): FreeVariables {
    const names = new Map<string, FreeName>();
    for (const { name, use, member, request, certain } of this.outer.references) {
      if (request) {
        this.#requests.push(request);
        continue;
      }
      let free = names.get(name);
      if (!free) {
        free = { written: false, certain: false, typeofAsked: false, members: new Set(), methodCalls: false };
        names.set(name, free);
      }
      if (use === "typeof") {
        free.typeofAsked = true;
        continue;
      }
      if (certain) free.certain = true;
      if (use === "write") free.written = true;
      if (use === "method") free.methodCalls = true;
      if (member !== undefined) free.members?.add(member);
      else free.members = undefined;
    }
    return {
      names,
      outerThis: this.#outerThis,
      outerSuper: this.#outerSuper,
      dynamicScope: this.#dynamicScope,
      importMeta: this.#importMeta,
      requests: this.#requests,
    };
  }

  visit(value: unknown, scope: Scope): void {
    if (Array.isArray(value)) {
      for (const item of value) this.visit(item, scope);
      return;
    }
    const node = asNode(value);
    if (!node) return;
    if (FUNCTIONS.has(node.type)) this.#visitFunction(node, scope);
    else if (node.type === "ClassExpression" || node.type === "ClassDeclaration") this.#visitClass(node, scope);
    else if (!this.#visitBranches(node, scope)) {
      const unsure = UNSURE.has(node.type) ? 1 : 0;
      this.#unsure += unsure;
      if (!this.#visitNamed(node, scope)) this.#visitFields(node, scope);
      this.#unsure -= unsure;
    }
  }

  #refer(scope: Scope, reference: Reference): void {
    reference.certain = this.#depth === 1 && this.#unsure === 0 && !this.#left;
    scope.references.push(reference);
  }

  /** Nodes of which a part may never be reached, or after which nothing may be. False: it is none of these. */
  #visitBranches(node: SyntaxNode, scope: Scope): boolean {
    switch (node.type) {
      case "IfStatement":
      case "ConditionalExpression":
        this.visit(node.test, scope);
        this.#visitUnsure([node.consequent, node.alternate], scope);
        return true;
      case "LogicalExpression":
        this.visit(node.left, scope);
        this.#visitUnsure(node.right, scope);
        return true;
      case "ReturnStatement":
      case "ThrowStatement":
        this.visit(node.argument, scope);
        if (this.#depth === 1) this.#left = true;
        return true;
      case "BreakStatement":
      case "ContinueStatement":
        if (this.#depth === 1) this.#left = true;
        return true;
      default:
        return false;
    }
  }

  #visitUnsure(value: unknown, scope: Scope): void {
    this.#unsure++;
    this.visit(value, scope);
    this.#unsure--;
  }

  #visitFields(node: SyntaxNode, scope: Scope): void {
    for (const key of Object.keys(node)) {
      const field = node[key];
      if (typeof field === "object" && field !== null) this.visit(field, scope);
    }
  }

  /** Nodes that declare, refer, or hold identifiers that are no references. False: visit all fields. */
  #visitNamed(node: SyntaxNode, scope: Scope): boolean {
    switch (node.type) {
      case "Identifier":
        this.#refer(scope, { name: String(node.name), use: "read" });
        return true;
      case "ThisExpression":
        if (this.#ownThis === 0) this.#outerThis = true;
        return true;
      case "Super":
        if (this.#ownSuper === 0) this.#outerSuper = true;
        return true;
      case "MetaProperty":
        if (asNode(node.meta)?.name === "import") this.#importMeta = true;
        return true;
      case "WithStatement":
        this.#dynamicScope = true;
        return false;
      case "MemberExpression":
        this.#visitMember(node, scope, "member");
        return true;
      case "CallExpression":
        this.#visitCall(node, scope);
        return true;
      case "ImportExpression":
        this.#visitImport(node, scope);
        return true;
      case "UnaryExpression":
        return this.#visitUnary(node, scope);
      case "UpdateExpression":
        this.#visitTarget(node.argument, scope);
        return true;
      case "AssignmentExpression":
        this.#visitTarget(node.left, scope);
        if (/^(&&|\|\||\?\?)=$/.test(String(node.operator))) this.#visitUnsure(node.right, scope);
        else this.visit(node.right, scope);
        return true;
      case "Property":
        this.#visitProperty(node, scope);
        return true;
      case "LabeledStatement":
        this.visit(node.body, scope);
        return true;
      case "VariableDeclaration":
        this.#visitDeclaration(node, scope);
        return true;
      case "CatchClause":
        this.#inBlock(scope, (inner) => {
          if (node.param) this.#declarePattern(node.param, inner, inner);
          this.visit(node.body, inner);
        });
        return true;
      case "BlockStatement":
      case "ForStatement":
      case "SwitchStatement":
        this.#inBlock(scope, (inner) => this.#visitFields(node, inner));
        return true;
      case "ForInStatement":
      case "ForOfStatement":
        this.#inBlock(scope, (inner) => {
          if (asNode(node.left)?.type === "VariableDeclaration") this.visit(node.left, inner);
          else this.#visitTarget(node.left, inner);
          this.visit(node.right, inner);
          this.visit(node.body, inner);
        });
        return true;
      default:
        return false;
    }
  }

  #visitProperty(node: SyntaxNode, scope: Scope): void {
    if (node.computed) this.visit(node.key, scope);
    const method = node.method || node.kind !== "init" ? 1 : 0;
    this.#ownSuper += method;
    this.visit(node.value, scope);
    this.#ownSuper -= method;
  }

  #visitMember(node: SyntaxNode, scope: Scope, use: "member" | "method" | "read"): void {
    const object = asNode(node.object);
    const member = memberName(node);
    if (object?.type === "Identifier" && member !== undefined && use !== "read") {
      this.#refer(scope, { name: String(object.name), use, member });
      return;
    }
    this.visit(object, scope);
    if (node.computed) this.visit(node.property, scope);
  }

  #visitCall(node: SyntaxNode, scope: Scope): void {
    const callee = asNode(node.callee);
    const [first] = node.arguments as SyntaxNode[];
    if (callee?.type === "Identifier") {
      const name = String(callee.name);
      if (name === "eval") this.#dynamicScope = true;
      const kind = Object.hasOwn(REQUEST_CALLS, name) ? REQUEST_CALLS[name] : undefined;
      const request = kind && requestFor(node, first, kind);
      if (request) {
        this.#refer(scope, { name, use: "read", request });
        return;
      }
    }
    if (callee?.type === "MemberExpression") this.#visitMember(callee, scope, "method");
    else this.visit(callee, scope);
    this.visit(node.arguments, scope);
  }

  #visitUnary(node: SyntaxNode, scope: Scope): boolean {
    const argument = asNode(node.argument);
    if (node.operator === "typeof" && argument?.type === "Identifier") {
      this.#refer(scope, { name: String(argument.name), use: "typeof" });
      return true;
    }
    if (node.operator === "delete" && argument?.type === "MemberExpression") {
      this.#visitMember(argument, scope, "read");
      return true;
    }
    return false;
  }

  /** What is assigned to: an identifier is a write, a member makes its object be used as a whole. */
  #visitTarget(value: unknown, scope: Scope): void {
    const node = asNode(value);
    switch (node?.type) {
      case undefined:
        return;
      case "Identifier":
        this.#refer(scope, { name: String(node?.name), use: "write" });
        return;
      case "MemberExpression":
        if (node) this.#visitMember(node, scope, "read");
        return;
      default:
        if (node) this.#eachTarget(node, scope, (target) => this.#visitTarget(target, scope));
    }
  }

  #visitDeclaration(node: SyntaxNode, scope: Scope): void {
    const home = node.kind === "var" ? scope.variables : scope;
    for (const declarator of node.declarations as SyntaxNode[]) {
      this.#declarePattern(declarator.id, home, scope);
      this.visit(declarator.init, scope);
    }
  }

  /** Declares the names of a pattern in `home`; defaults and computed keys are read in `scope`. */
  #declarePattern(value: unknown, home: Scope, scope: Scope): void {
    const node = asNode(value);
    if (!node) return;
    if (node.type === "Identifier") home.declared.add(String(node.name));
    else this.#eachTarget(node, scope, (target) => this.#declarePattern(target, home, scope));
  }

  #eachTarget(pattern: SyntaxNode, scope: Scope, act: (target: unknown) => void): void {
    switch (pattern.type) {
      case "ObjectPattern":
        for (const property of pattern.properties as SyntaxNode[]) {
          if (property.type === "RestElement") act(property.argument);
          else {
            if (property.computed) this.visit(property.key, scope);
            act(property.value);
          }
        }
        return;
      case "ArrayPattern":
        for (const element of pattern.elements as unknown[]) act(element);
        return;
      case "RestElement":
        act(pattern.argument);
        return;
      case "AssignmentPattern":
        act(pattern.left);
        this.visit(pattern.right, scope);
        return;
      default:
        this.visit(pattern, scope);
    }
  }

  #visitFunction(node: SyntaxNode, scope: Scope): void {
    const arrow = node.type === "ArrowFunctionExpression";
    const id = asNode(node.id);
    if (node.type === "FunctionDeclaration" && id) scope.declared.add(String(id.name));
    // Parameters see neither the body's variables nor, for an expression, anything but its own name.
    const parameters = new Scope(scope, "function");
    if (node.type === "FunctionExpression" && id) parameters.declared.add(String(id.name));
    if (!arrow) parameters.declared.add("arguments");
    if (!arrow) this.#ownThis++;
    this.#depth++;
    this.#unsure++;
    for (const parameter of node.params as unknown[]) this.#declarePattern(parameter, parameters, parameters);
    this.#unsure--;
    const body = new Scope(parameters, "function");
    const block = asNode(node.body);
    if (block?.type === "BlockStatement") this.visit(block.body, body);
    else this.visit(block, body);
    this.#depth--;
    body.close();
    parameters.close();
    if (!arrow) this.#ownThis--;
  }

  #visitClass(node: SyntaxNode, scope: Scope): void {
    const id = asNode(node.id);
    if (node.type === "ClassDeclaration" && id) scope.declared.add(String(id.name));
    const inner = new Scope(scope, "block");
    if (id) inner.declared.add(String(id.name));
    this.visit(node.superClass, inner);
    for (const member of (asNode(node.body)?.body ?? []) as SyntaxNode[]) {
      if (member.computed) this.visit(member.key, inner);
      const home = new Scope(inner, "function");
      this.#ownThis++;
      this.#ownSuper++;
      this.#unsure++;
      this.visit(member.type === "StaticBlock" ? member.body : member.value, home);
      this.#ownThis--;
      this.#ownSuper--;
      this.#unsure--;
      home.close();
    }
    inner.close();
  }

  #inBlock(scope: Scope, act: (inner: Scope) => void): void {
    const inner = new Scope(scope, "block");
    act(inner);
    inner.close();
  }

  #visitImport(node: SyntaxNode, scope: Scope): void {
    const request = requestFor(node, node.source, "import");
    if (request) this.#requests.push(request);
    else this.visit(node.source, scope);
  }
}

function requestFor(node: SyntaxNode, source: unknown, kind: ModuleRequest["kind"]): ModuleRequest | undefined {
  const literal = asNode(source);
  if (literal?.type !== "Literal" || typeof literal.value !== "string") return undefined;
  return { start: node.start, end: node.end, specifier: literal.value, kind };
}

function memberName(node: SyntaxNode): string | undefined {
  const property = asNode(node.property);
  if (!node.computed && property?.type === "Identifier") return String(property.name);
  return property?.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

function asNode(value: unknown): SyntaxNode | undefined {
  return typeof value === "object" && value !== null && "type" in value ? (value as SyntaxNode) : undefined;
}
