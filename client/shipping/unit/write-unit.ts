import { originsLine } from "../../../lambdas/protocol/unit-origins.ts";
import { type PlacedText, unitOrigins } from "../origins/origin-table.ts";
import { SLOPPY_SLOT } from "../origins/script-mode.ts";
import { bundlePackages } from "../packages/bundle.ts";
import type { PackageImport } from "../packages/package-import.ts";
import type { FunctionSource } from "../source/function-source.ts";
import { member } from "../values/value-shape.ts";
import type { Binding, CheckBinding, Slot } from "./binding.ts";
import { RUNTIME } from "./reserved-names.ts";
import type { UnitParts } from "./unit-parts.ts";

/**
 * Writes the text of a code unit: an expression that evaluates to `(host) => (values, surroundings) => function`.
 *
 * Packages run once per unit; functions are created once per set of captured values. Each function has its own scope,
 * since two functions may use one name for different things. A value created later than the function that uses it
 * (mutual recursion) is assigned at the end.
 */
export function writeUnit(name: string, { unit, modules }: WrittenUnit, root: Binding): UnitText {
  const groups = groupPackages(unit.packages);
  const packages = unit.packages.map((found) => {
    const at = groups.findIndex((group) => group.includes(found));
    return `fantail$b${at}.p${groups[at]?.indexOf(found)}${found.member === undefined ? "" : member(found.member)}`;
  });
  const lines = [
    `return function (fantail$values, fantail$surroundings) {`,
    `const ${RUNTIME} = fantail$host.start(fantail$values, fantail$surroundings, [${packages.join(", ")}]);`,
    ...unit.slots.map(makeSlot),
    ...unit.slots.flatMap(finishSlot),
  ];
  if (unit.placeholders.size > 0 || unit.locks.size > 0) {
    lines.push(`${RUNTIME}.restore([${Array.from(unit.placeholders.values(), ({ code }) => code).join(", ")}]);`);
  }
  lines.push(...unit.slots.flatMap(({ locks }) => locks));
  for (const { fn, modules, checks } of unit.annotations)
    lines.push(`${RUNTIME}.stamp(${fn.code}, ${JSON.stringify(modules)}, [${checks.map(checkText).join(", ")}]);`);
  const checks = unit.checks.map(checkText);
  const made = checks.length === 0 ? root.code : `${RUNTIME}.guarded(${root.code}, [${checks.join(", ")}])`;
  lines.push(`return ${made};`, "};", "})", "");
  const head = [`// ${name.replace(/[^\w$.]+/g, "_").slice(0, 80)}`, "(function (fantail$host) {"];
  // Name the modules in the text, so that functions that differ only in their required modules do not share a unit.
  if (modules.names.size > 0) head.push(`// on engines with ${[...modules.names].sort().join(", ")}`);
  const body = lines.join("\n");
  return {
    head: head.join("\n"),
    groups,
    body,
    places: placesOf(unit.slots),
    origins: () => slotPieces(body, unit.slots),
  };
}

/**
 * Returns the places of the unit's functions as a text. They are part of the cache key: units of equal text from
 * different places map errors to different files.
 */
function placesOf(slots: readonly Slot[]): string {
  return slots
    .map(({ location }) => (location ? `${location.scriptId}:${location.line}:${location.column}` : ""))
    .join(" ");
}

/** Returns the positions of the functions' texts in the unit's body. */
function slotPieces(body: string, slots: readonly Slot[]): PlacedText[] {
  let from = 0;
  return slots.flatMap((slot): PlacedText[] => {
    const { source, location } = slot;
    const made = makeSlot(slot);
    const start = body.indexOf(made, from);
    from = start + made.length;
    if (!source || !location || start < 0) return [];
    const { text, edits } = editedSource(slot, source);
    return [{ source, location, edits, start: start + made.lastIndexOf(text), length: text.length }];
  });
}

function checkText({ predicate, args }: CheckBinding): string {
  return `[${predicate.code}, [${args.map(({ code }) => code)}]]`;
}

/** The input of a unit: what was captured, and the required modules. */
export interface WrittenUnit {
  unit: UnitParts;
  modules: { names: ReadonlySet<string> };
}

/** A unit before its packages are bundled. Equal texts are equal units. */
export interface UnitText {
  head: string;
  groups: PackageImport[][];
  body: string;
  /** The places of its functions in the scripts of this process. */
  places: string;
  /** Returns the positions of the functions' texts in `body`. */
  origins: () => PlacedText[];
}

/** Bundles the packages. Returns the unit's source and the packages inside it. */
export function withBundles({ head, groups, body, origins }: UnitText): { source: string; packages: string[] } {
  const bundles = groups.map(bundlePackages);
  const loads = bundles.map(
    ({ text }, at) =>
      `const fantail$b${at} = fantail$host.load(function (module, exports, require, __filename, __dirname, fantail$url) {\n${text}\n});`,
  );
  const before = [head, ...loads].join("\n");
  const table = unitOrigins(body, before.split("\n").length, origins());
  return {
    source: `${before}\n${body}${table === undefined ? "" : `${originsLine(table)}\n`}`,
    packages: [...new Set(bundles.flatMap(({ packages }) => packages))],
  };
}

/** Groups packages by the folder from which bare specifiers are resolved: each folder gets one bundle. */
function groupPackages(packages: readonly PackageImport[]): PackageImport[][] {
  const groups = new Map<string, PackageImport[]>();
  for (const found of packages) {
    const group = groups.get(found.resolveDir);
    if (group) group.push(found);
    else groups.set(found.resolveDir, [found]);
  }
  return [...groups.values()];
}

function makeSlot(slot: Slot): string {
  const { at } = slot;
  if (!slot.source) {
    const members = slot.bindings
      .filter(({ late }) => !late)
      .map(({ name, binding }) => `[${JSON.stringify(name)}]: ${binding.code}`);
    return `${at} = ${members.length > 0 ? `{${members.join(", ")}}` : slot.make};`;
  }
  const names = slot.bindings.map(({ name }) => name);
  const values = slot.bindings.map(({ binding, late }) => (late ? "undefined" : binding.code));
  const late = slot.bindings.filter((bound) => bound.late);
  const assign = late.map(({ name, binding }) => `${name} = ${binding.code};`).join(" ");
  const finish = late.length > 0 ? `${RUNTIME}.r[${slot.index}] = () => { ${assign} };\n` : "";
  const strict = slot.strict ? '"use strict"; ' : SLOPPY_SLOT;
  return `${at} = ((${names.join(", ")}) => { ${strict}${finish}return ${expression(slot, slot.source)}; })(${values.join(", ")});`;
}

function finishSlot(slot: Slot): string[] {
  const late = slot.bindings.filter((bound) => bound.late);
  if (!slot.source)
    return [
      ...late.map(({ name, binding }) => `${slot.at}[${JSON.stringify(name)}] = ${binding.code};`),
      ...slot.finish,
    ];
  return [...(late.length > 0 ? [`${RUNTIME}.r[${slot.index}]();`] : []), ...slot.finish];
}

function expression(slot: Slot, source: FunctionSource): string {
  const { text } = editedSource(slot, source);
  const method = JSON.stringify(source.key);
  switch (source.form) {
    case "get":
    case "set":
      return `${RUNTIME}.accessor({${text}}, ${method}, "${source.form}")`;
    case "method":
      return `({${text}})[${method}]`;
    case "expression": {
      const name = JSON.stringify(slot.name);
      // Let V8 infer the name from the source, so that its error messages show it. For `__proto__` a computed key is
      // needed, since the plain key would set the prototype.
      const key = slot.name === "__proto__" ? `[${name}]` : name;
      return slot.name === "" ? `(${text})` : `({${key}: (${text})})[${name}]`;
    }
  }
}

/** Returns the function's text as written into the unit, and the replacements made, in order. */
function editedSource(slot: Slot, source: FunctionSource): { text: string; edits: Slot["edits"] } {
  const edits = [...slot.edits];
  if (source.computedKey) edits.push({ ...source.computedKey, code: JSON.stringify(source.key) });
  edits.sort((a, b) => a.start - b.start);
  let text = "";
  let at = 0;
  for (const { start, end, code } of edits) {
    text += source.text.slice(at, start) + code;
    at = end;
  }
  return { text: text + source.text.slice(at), edits };
}
