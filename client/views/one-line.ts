import { inspect } from "node:util";

/**
 * Formats an object in one line: its class name and its fields. Cuts long lists and strings, and omits undefined
 * fields.
 */
export function oneLine(name: string, fields: object): string {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const options = { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 2, maxArrayLength: 5 };
  return `${name} ${inspect(given, { ...options, maxStringLength: 100 })}`.replace(/\s+/g, " ");
}
