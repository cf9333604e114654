import { locationOf } from "../inspector/locate-function.ts";
import { canReadScopes } from "../inspector/session.ts";
import type { ClassMember } from "../source/class-members.ts";

/**
 * Whether this member of a class created the function, judging by text and location. The text is not enough: a function
 * with the same text that was assigned later may see other variables.
 */
export function isMember(
  fn: object,
  member: ClassMember,
  whole: { made: object; text: string; anchor: number },
): boolean {
  const { value } = member;
  if (!value) return false;
  const text = Function.prototype.toString.call(fn);
  const end = member.kind === "field" ? value.end : member.end;
  const start = member.kind === "field" ? value.start : end - text.length;
  if (start < member.start || whole.text.slice(start, end) !== text) return false;
  const [location, anchor] = [locationOf(fn), locationOf(whole.made)];
  // Without an inspector only the text can be compared.
  if (!location || !anchor) return !canReadScopes();
  if (location.scriptId !== anchor.scriptId) return false;
  if (member.kind === "field") return true;
  const [from, to] = [position(whole.text, whole.anchor), position(whole.text, value.start)];
  if (location.line - anchor.line !== to.line - from.line) return false;
  // Only on the first line of the class do V8's columns differ from those in its text.
  if (to.line > 0) return location.column === to.column;
  return from.line > 0 || location.column - anchor.column === to.column - from.column;
}

/** Returns line and column within a text, both from 0, as V8 counts them. */
function position(text: string, offset: number): { line: number; column: number } {
  let line = 0;
  let start = 0;
  for (const { index, 0: end } of text.matchAll(LINE_END)) {
    if (index >= offset) break;
    line++;
    start = index + end.length;
  }
  return { line, column: offset - start };
}

const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;
