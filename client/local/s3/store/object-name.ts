import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** The longest file name that spells a key. File systems allow 255 bytes. */
const MAX_SPELLED = 200;
/** Of a key too long to spell, what the name begins with, for people. */
const HEAD_CHARS = 100;
/** Between such a beginning and the key's hash. No spelled key contains it. */
const HASHED = "~";

/**
 * Returns the name of an object's file.
 *
 * It holds nothing but lower-case letters, digits and a few signs, since file systems differ in what else they
 * distinguish and forbid. The first character keeps names such as `..` apart from keys.
 */
export function fileNameOf(key: string): string {
  const spelled = `_${key.replace(/[^a-z0-9_.-]/gu, spelledChar)}`;
  if (spelled.length <= MAX_SPELLED) return spelled;
  return `${spelled.slice(0, HEAD_CHARS)}${HASHED}${createHash("sha256").update(key).digest("hex")}`;
}

function spelledChar(char: string): string {
  return Buffer.from(char).toString("hex").replace(/../g, "%$&");
}

/** Returns the key that a file's name spells; undefined if it is in the file only. */
export function spelledKey(name: string): string | undefined {
  return name.includes(HASHED) ? undefined : decodeURIComponent(name.slice(1));
}
