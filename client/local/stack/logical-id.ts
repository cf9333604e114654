import { createHash } from "node:crypto";

/**
 * The CDK's names of resources, derived from the path of their construct. The names must not change: CloudFormation
 * replaces a resource that has a new name.
 */

/** Maximum length of the readable part of a logical ID. */
const HUMAN_CHARS = 240;
const HASH_CHARS = 8;

/**
 * Returns the logical ID of the resource at this path of construct IDs. The path starts below the stack, or with the
 * stack's own ID for a name that includes it.
 */
export function logicalId(path: readonly string[]): string {
  const human = readable(path).join("").slice(0, HUMAN_CHARS);
  return human + hashOf(path);
}

/**
 * Returns what `Names.uniqueResourceName` would return with `-` as separator. The path starts with the stack's own ID.
 */
export function uniqueName(path: readonly string[], maxLength: number): string {
  const human = `${readable(path).join("-")}-`;
  const room = maxLength - HASH_CHARS;
  const half = room / 2;
  return (human.length > room ? human.slice(0, half) + human.slice(-half) : human) + hashOf(path);
}

function readable(path: readonly string[]): string[] {
  const withoutRepeats: string[] = [];
  for (const id of path) if (!withoutRepeats.at(-1)?.endsWith(id)) withoutRepeats.push(id);
  return withoutRepeats.filter((id) => id !== "Resource").map((id) => id.replace(/[^A-Za-z0-9]/g, ""));
}

function hashOf(path: readonly string[]): string {
  return createHash("md5").update(path.join("/")).digest("hex").slice(0, HASH_CHARS).toUpperCase();
}
