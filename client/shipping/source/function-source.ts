import {
  type ArrowFunctionExpression,
  type ClassExpression,
  type Expression,
  type FunctionExpression,
  type Options,
  type Property,
  parseExpressionAt,
} from "acorn";
import { bracketsAround, type ClassMember, classMembers } from "./class-members.ts";
import type { FreeVariables } from "./free-names.ts";
import { freeVariables, namesIn } from "./free-variables.ts";
import { memberNames } from "./member-names.ts";
import { dependsOnMode, hasStrictDirective } from "./mode-dependence.ts";
import { keyText, parsed } from "./syntax.ts";

/** The facts about a function or class that its source text alone shows. */
export interface FunctionSource {
  text: string;
  /**
   * `method`, `get` and `set` need an object literal around the text. A getter or setter is then read from its property
   * descriptor.
   */
  form: "expression" | "method" | "get" | "set";
  /** The method's name; a fixed name in place of a computed key. */
  key: string;
  isClass: boolean;
  isArrow: boolean;
  generator: boolean;
  async: boolean;
  /**
   * Whether the source does not name the function, which then has the name of the variable or field that it was
   * assigned to.
   */
  anonymous: boolean;
  /** The name in the source; undefined if there is none or it is computed. */
  ownName: string | undefined;
  /** The function's `length` according to the source. */
  parameters: number;
  /** The members of a class. */
  members: readonly ClassMember[];
  /** Free names that evaluating the text needs: those in computed keys of a class's fields. */
  evaluated: ReadonlySet<string>;
  /**
   * The offset in the text of the location that V8 reports: the start of an arrow function, of the parameters of another
   * function, or of the parameters of a class's constructor. For a class without a constructor it is the start of the
   * class.
   */
  anchor: number;
  /** Range of the class's parent; undefined if it has none, or for `extends null`. */
  heritage: { start: number; end: number } | undefined;
  /** Range of a method's computed key, including its brackets. */
  computedKey: { start: number; end: number } | undefined;
  free: FreeVariables;
  mode: SourceMode;
  /** Names of members, of any object, that occur in the text. */
  memberNames: readonly string[];
  /**
   * Returns the source of the same class, but with the static fields at these start offsets evaluated again on the
   * engine.
   */
  keeping(statics: ReadonlySet<number>): FunctionSource;
}

/**
 * Where to find out whether strict mode holds: in the text (`strict`, `sloppy`), in the function's own properties
 * (`shown`), or in the script around it (`surroundings`). `any`: it makes no difference.
 */
type SourceMode = "strict" | "sloppy" | "shown" | "surroundings" | "any";

/** Thrown for a function whose source does not work at another location. The message is the reason. */
export class UnusableSource extends Error {}

const known = new Map<string, FunctionSource | UnusableSource>();
/** Maximum number of cached sources, to bound the memory of a client that keeps creating functions from text. */
const KNOWN_SOURCES = 5_000;

/**
 * Analyzes the text of a function. Cached by text, since closures share it.
 *
 * @throws UnusableSource if the text is not a self-contained function
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

type FunctionNode = FunctionExpression | ArrowFunctionExpression | ClassExpression;

function isFunction(node: Expression | undefined): node is FunctionNode {
  return node !== undefined && /^(Function|ArrowFunction|Class)Expression$/.test(node.type);
}

function readSource(text: string): FunctionSource | UnusableSource {
  const node = parsed(() => parseExpressionAt(text, 0, OPTIONS));
  if (isFunction(node) && node.end === text.length) return describe(text, node, 0);
  const property = onlyProperty(parsed(() => parseExpressionAt(`{${text}\n}`, 0, OPTIONS)));
  if (property) return describeMethod(text, property);
  const partOfClass = [`{${text}\n}`, `class{${text}\n}`].some((code) =>
    parsed(() => parseExpressionAt(code, 0, { ...OPTIONS, checkPrivateFields: false })),
  );
  if (partOfClass) {
    return new UnusableSource(
      "uses private names (#…) of its class, so the function cannot be sent alone: pass another function, which calls this one",
    );
  }
  return new UnusableSource("its source cannot be parsed as JavaScript");
}

const OPTIONS: Options = {
  ecmaVersion: "latest",
  sourceType: "script",
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
  allowAwaitOutsideFunction: false,
};

function onlyProperty(literal: Expression | undefined): (Property & { value: FunctionNode }) | undefined {
  if (literal?.type !== "ObjectExpression") return undefined;
  const [property, ...others] = literal.properties;
  if (property?.type !== "Property" || others.length > 0 || property.shorthand) return undefined;
  const { value } = property;
  return isFunction(value) && value.type !== "ClassExpression" ? { ...property, value } : undefined;
}

/** Describes a method, getter or setter, which is parsed inside an object literal's braces. */
function describeMethod(text: string, { key, value, kind, computed }: Property & { value: FunctionNode }) {
  const source = describe(text, value, 1);
  source.form = kind === "init" ? "method" : kind;
  source.anonymous = false;
  source.key = computed ? "computed" : keyText(key);
  if (computed) source.computedKey = bracketsAround(key, text, 1);
  else source.ownName = `${source.form === "method" ? "" : `${source.form} `}${source.key}`;
  source.mode = modeOf(value, `({${text}\n})`);
  return source;
}

/**
 * Describes a parsed function or class.
 *
 * @param offset offset of `text` in the code that was parsed
 * @param kept start offsets of static fields that the engine evaluates again
 */
function describe(
  text: string,
  node: FunctionNode,
  offset: number,
  kept: ReadonlySet<number> = new Set(),
): FunctionSource {
  const made = node.type === "ClassExpression" ? node : undefined;
  const fn = node.type === "ClassExpression" ? undefined : node;
  const free = freeVariables(node, kept);
  const variants = new Map<string, FunctionSource>();
  for (const request of free.requests) {
    request.start -= offset;
    request.end -= offset;
  }
  return {
    text,
    form: "expression",
    key: "",
    isClass: made !== undefined,
    isArrow: node.type === "ArrowFunctionExpression",
    generator: fn?.generator === true,
    async: fn?.async === true,
    anonymous: !node.id,
    heritage: made && heritageOf(made),
    computedKey: undefined,
    ownName: node.id?.name,
    parameters: parameterCount(fn ?? (made && constructorOf(made))),
    members: made ? classMembers(made, text) : [],
    evaluated: made ? computedNames(made) : new Set(),
    anchor: anchorOf(text, node, offset),
    free,
    mode: offset === 0 ? modeOf(node, `(${text}\n)`) : "any",
    memberNames: memberNames(node),
    keeping(statics) {
      if (statics.size === 0) return this;
      const key = [...statics].join();
      const variant = variants.get(key) ?? describe(text, node, offset, statics);
      variants.set(key, variant);
      return variant;
    },
  };
}

/**
 * Returns where to find out whether strict mode holds for a function.
 *
 * @param code the text of the function, as an expression
 */
function modeOf(node: FunctionNode, code: string): SourceMode {
  if (node.type === "ClassExpression" || hasStrictDirective(node)) return "strict";
  const isMethod = code.startsWith("({");
  if (node.type === "FunctionExpression" && !isMethod && !node.async && !node.generator) return "shown";
  const isStrictCode = parsed(() => parseExpressionAt(`function () { "use strict"; ${code} }`, 0, OPTIONS));
  if (!isStrictCode) return "sloppy";
  return dependsOnMode(node) ? "surroundings" : "any";
}

function heritageOf({ superClass }: ClassExpression): FunctionSource["heritage"] {
  if (!superClass || superClass.type === "Literal") return undefined;
  return { start: superClass.start, end: superClass.end };
}

function computedNames({ body }: ClassExpression): Set<string> {
  const keys = body.body.flatMap((member) =>
    member.type === "PropertyDefinition" && member.computed && !member.static && member.key.type !== "PrivateIdentifier"
      ? [member.key]
      : [],
  );
  return keys.length === 0 ? new Set() : namesIn(keys);
}

function constructorOf({ body }: ClassExpression): FunctionExpression | undefined {
  return body.body.flatMap((member) =>
    member.type === "MethodDefinition" && member.kind === "constructor" ? [member.value] : [],
  )[0];
}

function parameterCount(node: FunctionExpression | ArrowFunctionExpression | undefined): number {
  const parameters = node?.params ?? [];
  const end = parameters.findIndex(({ type }) => type === "AssignmentPattern" || type === "RestElement");
  return end === -1 ? parameters.length : end;
}

function anchorOf(text: string, node: FunctionNode, offset: number): number {
  if (node.type === "ArrowFunctionExpression") return node.start - offset;
  if (node.type === "ClassExpression") return (constructorOf(node)?.start ?? node.start) - offset;
  return text.indexOf("(", (node.id?.end ?? node.start) - offset);
}
