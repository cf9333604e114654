import { type Options, parseExpressionAt } from "acorn";
import { type ClassMember, classMembers } from "./class-members.ts";
import { type FreeVariables, freeVariables, type SyntaxNode } from "./free-variables.ts";

/** What is known of a function or class from its source text alone. */
export interface FunctionSource {
  text: string;
  /** `method` needs an object literal around it; `getter` and `setter` too, and are read from its descriptor. */
  form: "expression" | "method" | "get" | "set";
  /** The method's name; its computed key was replaced by a constant. */
  key: string;
  isClass: boolean;
  isArrow: boolean;
  generator: boolean;
  async: boolean;
  /** Whether the source gives it no name, so that its place must. */
  anonymous: boolean;
  /** The name that the source gives; undefined where it gives none, or a computed one. */
  ownName: string | undefined;
  /** What `length` is by the source. */
  parameters: number;
  /** The members of a class. */
  members: readonly ClassMember[];
  /** Free names that must hold their value when the text is evaluated: those of a class's fields with computed keys. */
  evaluated: ReadonlySet<string>;
  /** The offset that V8 takes for its place: of a function its parameters, of a class those of its constructor, else its own start. */
  anchor: number;
  /** Where the class says what it extends; undefined for `extends null` too. */
  heritage: { start: number; end: number } | undefined;
  /** Where a method's computed key stands, brackets included. */
  computedKey: { start: number; end: number } | undefined;
  free: FreeVariables;
  /** The same class with these static fields made anew on the engine; by where they begin. */
  keeping(statics: ReadonlySet<number>): FunctionSource;
}

/** Why a source cannot be taken out of its place. */
export class UnusableSource extends Error {}

const known = new Map<string, FunctionSource | UnusableSource>();
/** Bounds the memory of a client that makes functions from text for ever. */
const KNOWN_SOURCES = 5_000;

/**
 * Takes the text of a function apart; remembered by text, since closures share it.
 *
 * @throws UnusableSource when the text is not a function that stands by itself
 */
export function functionSource(text: string): FunctionSource {
  let source = known.get(text);
  if (!source) {
    source = readSource(text);
    if (known.size >= KNOWN_SOURCES) known.clear();
    known.set(text, source);
  }
  if (source instanceof UnusableSource) throw source;
  return source;
}

function readSource(text: string): FunctionSource | UnusableSource {
  const node = attempt(() => parseExpressionAt(text, 0, OPTIONS));
  if (node?.end === text.length && (/Function/.test(node.type) || node.type === "ClassExpression")) {
    return describe(text, node as unknown as SyntaxNode, 0);
  }
  const literal = attempt(() => parseExpressionAt(`{${text}\n}`, 0, OPTIONS));
  const property = onlyProperty(literal as unknown as SyntaxNode | undefined);
  if (property) {
    const source = describe(text, property.value as SyntaxNode, 1);
    const key = property.key as SyntaxNode;
    source.form = property.kind === "get" || property.kind === "set" ? property.kind : "method";
    source.anonymous = false;
    source.key = keyName(property, key);
    if (!property.computed) source.ownName = `${source.form === "method" ? "" : `${source.form} `}${source.key}`;
    if (property.computed) {
      source.computedKey = { start: text.lastIndexOf("[", key.start - 1), end: text.indexOf("]", key.end - 1) + 1 };
    }
    return source;
  }
  const partOfClass = [`{${text}\n}`, `class{${text}\n}`].some((code) =>
    attempt(() => parseExpressionAt(code, 0, { ...OPTIONS, checkPrivateFields: false })),
  );
  if (partOfClass) {
    return new UnusableSource("uses private names (#…) of a class it is only a part of: pass a function that calls it");
  }
  return new UnusableSource("its source text cannot be read as JavaScript");
}

const OPTIONS: Options = {
  ecmaVersion: "latest",
  sourceType: "script",
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
  allowAwaitOutsideFunction: false,
};

/**
 * @param offset where the text begins in what was parsed
 * @param kept static fields that are made anew
 */
function describe(
  text: string,
  node: SyntaxNode,
  offset: number,
  kept: ReadonlySet<number> = new Set(),
): FunctionSource {
  const isClass = node.type === "ClassExpression";
  const parent = node.superClass as SyntaxNode | null | undefined;
  const extendsNull = parent?.type === "Literal";
  const free = freeVariables(node, kept);
  const members = isClass ? classMembers(node, text) : [];
  const variants = new Map<string, FunctionSource>();
  for (const request of free.requests) {
    request.start -= offset;
    request.end -= offset;
  }
  return {
    text,
    form: "expression",
    key: "",
    isClass,
    isArrow: node.type === "ArrowFunctionExpression",
    generator: node.generator === true,
    async: node.async === true,
    anonymous: !node.id,
    heritage: isClass && parent && !extendsNull ? { start: parent.start, end: parent.end } : undefined,
    computedKey: undefined,
    ownName: node.id ? String((node.id as SyntaxNode).name) : undefined,
    parameters: parameterCount(isClass ? constructorOf(node) : node),
    members,
    evaluated: isClass ? computedNames(node) : new Set(),
    anchor: anchorOf(text, node, offset),
    free,
    keeping(statics) {
      if (statics.size === 0) return this;
      const key = [...statics].join();
      const variant = variants.get(key) ?? describe(text, node, offset, statics);
      variants.set(key, variant);
      return variant;
    },
  };
}

function computedNames(node: SyntaxNode): Set<string> {
  const keys = ((node.body as SyntaxNode).body as SyntaxNode[])
    .filter(({ computed, type, static: isStatic }) => computed && type === "PropertyDefinition" && !isStatic)
    .map(({ key }) => key);
  const read = {
    type: "ArrowFunctionExpression",
    start: 0,
    end: 0,
    params: [],
    body: { type: "ArrayExpression", start: 0, end: 0, elements: keys },
  };
  return new Set(keys.length === 0 ? [] : freeVariables(read).names.keys());
}

function constructorOf(node: SyntaxNode): SyntaxNode | undefined {
  const members = (node.body as SyntaxNode).body as SyntaxNode[];
  return members.find((member) => member.kind === "constructor")?.value as SyntaxNode | undefined;
}

function parameterCount(node: SyntaxNode | undefined): number {
  const parameters = (node?.params ?? []) as SyntaxNode[];
  const end = parameters.findIndex(({ type }) => type === "AssignmentPattern" || type === "RestElement");
  return end === -1 ? parameters.length : end;
}

function anchorOf(text: string, node: SyntaxNode, offset: number): number {
  if (node.type === "ArrowFunctionExpression") return node.start - offset;
  if (node.type !== "ClassExpression")
    return text.indexOf("(", ((node.id as SyntaxNode | null)?.end ?? node.start) - offset);
  return (constructorOf(node)?.start ?? node.start) - offset;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function onlyProperty(literal: SyntaxNode | undefined): SyntaxNode | undefined {
  if (literal?.type !== "ObjectExpression") return undefined;
  const [property, ...others] = literal.properties as SyntaxNode[];
  if (property?.type !== "Property" || others.length > 0 || property.shorthand) return undefined;
  return /Function/.test((property.value as SyntaxNode).type) ? property : undefined;
}

function keyName(property: SyntaxNode, key: SyntaxNode): string {
  if (property.computed) return "computed";
  return String(key.type === "Identifier" ? key.name : key.value);
}
