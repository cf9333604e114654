import { createHmac, timingSafeEqual } from "node:crypto";

/** Adds a signature to a text and leaves the text readable. */
export function signText(key: string, text: string): string {
  return `${signature(key, text).toString("base64url")}.${text}`;
}

/** The text that was signed with this key; `undefined` if it was not. */
export function signedText(key: string, signed: string): string | undefined {
  const dot = signed.indexOf(".");
  if (dot < 0) return undefined;
  const text = signed.slice(dot + 1);
  const given = Buffer.from(signed.slice(0, dot), "base64url");
  const due = signature(key, text);
  return given.length === due.length && timingSafeEqual(given, due) ? text : undefined;
}

function signature(key: string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
