import {
  type MadeBy,
  madeFunction,
  madeMethods,
  madePrototype,
  prototypeOf,
} from "../functions/function-properties.ts";
import { innerValues } from "../inspector/inner-values.ts";
import type { ClassMember } from "../source/class-members.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Binding, Met, Slot } from "../unit/binding.ts";
import { type Bind, lockLines, ownLines } from "../unit/own-lines.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import { lockOf, type Made, ownChanges } from "../values/own-changes.ts";

/**
 * The parts of a function that its text does not create: fields, changed methods, the prototype, and a class's static
 * members.
 */
export interface FunctionParts extends MadeBy {
  fn: object;
  met: Met;
  /** The binding of the function's `prototype`, if that was captured by itself before; otherwise undefined. */
  prototype: Binding | undefined;
  /**
   * Records the expression of a method that the text creates. Returns false if the method was captured by itself
   * before, and must be assigned.
   */
  isOwn(method: object, code: string): boolean;
}

/**
 * Adds to a slot the lines that restore the function's current state. Removes static blocks, and static fields that are
 * not kept, from a class's text, because the engine would run them again; their results are assigned instead.
 *
 * @throws CaptureError that names the value that cannot be sent
 */
export function addFunctionParts(slot: Slot, parts: FunctionParts, bind: Bind): void {
  const { fn, source, met } = parts;
  if (source.isClass) takeOutStatics(slot, parts, bind);
  const made = owned(madeFunction(fn, parts), fn, slot.at, parts);
  // A class's static fields may hold its instances, because the class is sent with them.
  const inner: Met = source.isClass ? { ...met, instances: true } : met;
  const lines = changeLines(slot.at, fn, made, inner, bind);
  const prototype = prototypeOf(fn, source);
  if (prototype) lines.push(...prototypeLines(slot, prototype, parts, bind));
  else if (made.keys.has("prototype"))
    lines.push(`${slot.at}.prototype = ${bind(read(fn), { ...met, name: "prototype" }).code};`);
  slot.finish.push(...lines);
  slot.locks.push(...lockLines(slot.at, lockOf(fn)));
  if (prototype && !parts.prototype) slot.locks.push(...lockLines(`${slot.at}.prototype`, lockOf(prototype)));
}

function prototypeLines(slot: Slot, prototype: object, parts: FunctionParts, bind: Bind): string[] {
  const { fn, met } = parts;
  const at = `${slot.at}.prototype`;
  if (parts.prototype) return [`${at} = ${parts.prototype.code};`];
  const made = owned(madePrototype(fn, parts), prototype, at, parts);
  const inner = { ...met, path: `${met.path}.prototype` };
  return changeLines(at, prototype, made, inner, bind);
}

/**
 * Returns the lines that change the object that the text creates into the current one: first deletions, then the order
 * of the properties, then their values.
 */
function changeLines(holder: string, value: object, made: Made, met: Met, bind: Bind): string[] {
  const changes = ownChanges(value, made);
  const lost = changes.filter(({ descriptor }) => !descriptor);
  const given = changes.filter(({ descriptor }) => descriptor);
  const isReordered = changes.some(({ key, descriptor }) => !descriptor || !made.keys.has(key));
  const order = `${RUNTIME}.order(${holder}, ${JSON.stringify(Object.getOwnPropertyNames(value))});`;
  return [...ownLines(holder, lost, met, bind), ...(isReordered ? [order] : []), ...ownLines(holder, given, met, bind)];
}

/** Returns the properties that the text creates, except methods that were captured by themselves before. */
function owned(made: Made, holder: object, at: string, { isOwn }: FunctionParts): Made {
  const elsewhere = new Set<unknown>();
  for (const [method, key] of madeMethods(holder, made))
    if (!isOwn(method, `${at}[${JSON.stringify(key)}]`)) elsewhere.add(method);
  return { ...made, isMade: (key, part, value) => !elsewhere.has(value) && made.isMade(key, part, value) };
}

/**
 * Replaces computed keys in a class's text by their values, so that they are not computed again, and removes methods
 * that the class no longer has. Call this before adding the slot, because evaluating the text needs the keys.
 */
export function addComputedKeys(slot: Slot, { source, keys }: MadeBy, give: (name: string, key: symbol) => void): void {
  for (const [at, member] of source.members.entries()) {
    if (!member.computed || member.kind === "field") continue;
    const key = keys.get(member);
    if (key === undefined)
      slot.edits.push({ start: member.start, end: member.end, code: `;${lineEnds(source, member)}` });
    else if (typeof key === "symbol") {
      const name = `fantail$key${at}`;
      give(name, key);
      slot.edits.push({ ...member.computed, code: `[${name}]` });
    } else slot.edits.push({ ...member.computed, code: `[${JSON.stringify(key)}]` });
  }
}

/** Returns as many newlines as a removed member has, so that the remaining lines keep their numbers. */
function lineEnds({ text }: FunctionSource, { start, end }: ClassMember): string {
  return "\n".repeat(text.slice(start, end).split("\n").length - 1);
}

function takeOutStatics(slot: Slot, { fn, source, kept, met }: FunctionParts, bind: Bind): void {
  const statics = source.members.filter(({ isStatic, kind, start }) => isStatic && isRun(kind) && !kept.has(start));
  if (statics.length === 0) return;
  const hidden = statics.filter(({ isPrivate }) => isPrivate);
  for (const member of statics) {
    // Keep the field's place among the others. Its value is assigned later.
    const isField = member.kind === "field" && member.key !== undefined;
    const code = isField ? `static ${member.isPrivate ? `#${member.key}` : JSON.stringify(member.key)};` : ";";
    slot.edits.push({ start: member.start, end: member.end, code: code + lineEnds(source, member) });
  }
  if (hidden.length === 0) return;
  const values = innerValues(fn);
  const held = hidden.map(({ key }) => {
    const inner: Met = { ...met, path: `${met.path}.#${key}`, name: key ?? "", instances: true };
    return bind(values.get(`#${key}`), inner);
  });
  const end = source.text.length - 1;
  const assign = hidden.map(({ key }, at) => `this.#${key} = ${HELD}[${at}];`).join(" ");
  slot.edits.push({
    start: end,
    end,
    code: `; static { ${RUNTIME}.r[${slot.index} + 0.5] = (${HELD}) => { ${assign} }; }`,
  });
  slot.finish.push(`${RUNTIME}.r[${slot.index} + 0.5]([${held.map(({ code }) => code).join(", ")}]);`);
}

const HELD = "fantail$held";

function isRun(kind: ClassMember["kind"]): boolean {
  return kind === "block" || kind === "field";
}

/**
 * Returns the lines that set the prototypes of the function and of its `prototype`, as far as the text does not create
 * them.
 */
export function inheritedLines(slot: Slot, parts: FunctionParts, bind: Bind): string[] {
  const { fn, source, met } = parts;
  const lines: string[] = [];
  const above: unknown = Object.getPrototypeOf(fn);
  const prototype = prototypeOf(fn, source);
  if (!source.heritage && !isNativePrototype(above, fn)) lines.push(inherit(slot.at, above, met, bind));
  if (!prototype || source.generator || parts.prototype) return lines;
  const over: unknown = Object.getPrototypeOf(prototype);
  const inherited: unknown = typeof above === "function" ? above.prototype : null;
  const usual = source.heritage ? inherited : undefined;
  const isUsual = source.heritage
    ? over === usual
    : source.isClass && isNullHeritage(source)
      ? over === null
      : isObjectPrototype(over);
  if (!isUsual) lines.push(inherit(`${slot.at}.prototype`, over, { ...met, path: `${met.path}.prototype` }, bind));
  return lines;
}

function isNullHeritage(source: FunctionSource): boolean {
  return /^class(\s+[^\s{]+)?\s+extends\s+null\b/.test(source.text);
}

function inherit(holder: string, prototype: unknown, met: Met, bind: Bind): string {
  return `${RUNTIME}.inherit(${holder}, ${prototypeBinding(prototype, met, bind).code});`;
}

/** Returns the expression of an object that others inherit from: a class's `prototype`, another object, or null. */
export function prototypeBinding(prototype: unknown, met: Met, bind: Bind): Binding {
  if (prototype === null) return { code: "null" };
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof made === "function" && Object.getOwnPropertyDescriptor(made, "prototype")?.value === prototype) {
    const maker = bind(made, { ...met, path: `${met.path} → ${made.name || "constructor"}`, name: made.name });
    return { ...maker, code: `${maker.code}.prototype` };
  }
  return bind(prototype, { ...met, path: `${met.path} → prototype`, name: "" });
}

/** Whether `above` is the built-in prototype of functions of this kind, in this realm or another. */
function isNativePrototype(above: unknown, fn: object): boolean {
  if (above === null) return false;
  if (typeof above === "function")
    return (
      Function.prototype.toString.call(above).endsWith("{ [native code] }") &&
      above.name === "" &&
      !Object.hasOwn(above, "prototype")
    );
  const tag = Object.prototype.toString.call(fn).slice(8, -1);
  return typeof above === "object" && Object.getOwnPropertyDescriptor(above, Symbol.toStringTag)?.value === tag;
}

function isObjectPrototype(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value) === null && Object.hasOwn(value, "hasOwnProperty");
}

function read(fn: object): unknown {
  return Reflect.get(fn, "prototype");
}
