import type { SyntaxNode } from "./free-variables.ts";

/** A member of a class, as its text has it. */
export interface ClassMember {
  kind: "constructor" | "method" | "get" | "set" | "field" | "block";
  /** Undefined where it is computed, or there is none. */
  key: string | undefined;
  /** Where a computed key stands, brackets included. */
  computed: { start: number; end: number } | undefined;
  isStatic: boolean;
  isPrivate: boolean;
  start: number;
  end: number;
  /** Where its function or initialiser stands: V8 says of a method where its parameters begin. */
  value: { start: number; end: number; isFunction: boolean } | undefined;
}

/** The members of a class expression, in their order. */
export function classMembers(node: SyntaxNode, text: string): ClassMember[] {
  const body = node.body as SyntaxNode | undefined;
  return ((body?.body ?? []) as SyntaxNode[]).map((member) => describe(member, text));
}

function describe(member: SyntaxNode, text: string): ClassMember {
  const key = member.key as SyntaxNode | undefined;
  const value = member.value as SyntaxNode | null | undefined;
  const isPrivate = key?.type === "PrivateIdentifier";
  return {
    kind: kindOf(member),
    key: key === undefined || member.computed ? undefined : keyText(key),
    computed:
      member.computed && key
        ? { start: text.lastIndexOf("[", key.start - 1), end: text.indexOf("]", key.end - 1) + 1 }
        : undefined,
    isStatic: member.static === true || member.type === "StaticBlock",
    isPrivate,
    start: member.start,
    end: member.end,
    value: value ? { start: value.start, end: value.end, isFunction: /Function|Class/.test(value.type) } : undefined,
  };
}

function kindOf(member: SyntaxNode): ClassMember["kind"] {
  if (member.type === "StaticBlock") return "block";
  return member.type === "MethodDefinition" ? (member.kind as ClassMember["kind"]) : "field";
}

function keyText(key: SyntaxNode): string {
  if (key.type === "Identifier" || key.type === "PrivateIdentifier") return String(key.name);
  return String(key.value);
}
