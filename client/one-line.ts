import { inspect } from "node:util";

/** An object by its class's name and fields, in one line. Long lists and texts are cut, fields that are undefined left out. */
export function oneLine(name: string, fields: object): string {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const options = { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 2, maxArrayLength: 5 };
  return `${name} ${inspect(given, { ...options, maxStringLength: 100 })}`.replace(/\s+/g, " ");
}
