import { createHash } from "node:crypto";

/** How the CDK names resources, by the path of their construct. It keeps to this, since a resource with another name is another resource. */

/** Longest part of a logical ID that can be read. */
const HUMAN_CHARS = 240;
const HASH_CHARS = 8;

/** The logical ID of the resource with this path of construct IDs: below its stack, or with the stack's own in front. */
export function logicalId(path: readonly string[]): string {
  const human = readable(path).join("").slice(0, HUMAN_CHARS);
  return human + hashOf(path);
}

/** What `Names.uniqueResourceName` gives with `-` between the parts. The path begins with the stack's own ID. */
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
