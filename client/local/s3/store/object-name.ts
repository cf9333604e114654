import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** Maximum length of a file name that contains the whole key. File systems allow 255 bytes. */
const MAX_SPELLED = 200;
/** For longer keys: length of the readable beginning of the file name, so that people can recognize the key. */
const HEAD_CHARS = 100;
/**
 * Separates the readable beginning from the key's hash. File names that contain the whole key never contain this
 * character.
 */
const HASHED = "~";

/**
 * Returns the name of an object's file.
 *
 * The name contains only lower-case letters, digits and a few punctuation marks, because some file systems ignore case
 * or forbid other characters. The leading `_` prevents special names such as `..`.
 */
export function fileNameOf(key: string): string {
  const spelled = `_${key.replace(/[^a-z0-9_.-]/gu, spelledChar)}`;
  if (spelled.length <= MAX_SPELLED) return spelled;
  return `${spelled.slice(0, HEAD_CHARS)}${HASHED}${createHash("sha256").update(key).digest("hex")}`;
}

function spelledChar(char: string): string {
  return Buffer.from(char).toString("hex").replace(/../g, "%$&");
}

/** Returns the key that a file name contains; undefined for a name with a hash, whose key is only in the file. */
export function spelledKey(name: string): string | undefined {
  return name.includes(HASHED) ? undefined : decodeURIComponent(name.slice(1));
}
