import type { AnyNode, ClassExpression, MethodDefinition, PropertyDefinition, StaticBlock } from "acorn";
import { keyText } from "./syntax.ts";

/** A member of a class as written in its text. */
export interface ClassMember {
  kind: "constructor" | "method" | "get" | "set" | "field" | "block";
  /** The member's name; undefined if it is computed, or for a static block. */
  key: string | undefined;
  /** Range of a computed key, including its brackets. */
  computed: { start: number; end: number } | undefined;
  isStatic: boolean;
  isPrivate: boolean;
  start: number;
  end: number;
  /** Range of the member's function or initializer. V8 gives a method's place as the start of its parameters. */
  value: { start: number; end: number; isFunction: boolean } | undefined;
}

/** Returns the members of a class expression, in order. */
export function classMembers({ body }: ClassExpression, text: string): ClassMember[] {
  return body.body.map((member) => (member.type === "StaticBlock" ? describeBlock(member) : describe(member, text)));
}

function describeBlock({ start, end }: StaticBlock): ClassMember {
  const none = { key: undefined, computed: undefined, value: undefined };
  return { kind: "block", ...none, isStatic: true, isPrivate: false, start, end };
}

function describe(member: MethodDefinition | PropertyDefinition, text: string): ClassMember {
  const { type, key, value, computed, start, end } = member;
  return {
    kind: type === "MethodDefinition" ? member.kind : "field",
    key: computed ? undefined : keyText(key),
    computed: computed ? bracketsAround(key, text) : undefined,
    isStatic: member.static,
    isPrivate: key.type === "PrivateIdentifier",
    start,
    end,
    value: value ? { start: value.start, end: value.end, isFunction: /Function|Class/.test(value.type) } : undefined,
  };
}

/**
 * Returns the range of a computed key, including its brackets.
 *
 * @param offset offset of `text` in the code that was parsed
 */
export function bracketsAround(key: AnyNode, text: string, offset = 0): { start: number; end: number } {
  return { start: text.lastIndexOf("[", key.start - offset - 1), end: text.indexOf("]", key.end - offset) + 1 };
}
