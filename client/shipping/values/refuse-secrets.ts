import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { SECRET_SHAPES } from "./secret-shapes.ts";

/** A string in a captured value. */
export interface CapturedText {
  text: string;
  /** The variable or field that holds the string; empty inside a list. */
  name: string;
  /** How the function reaches the string, such as `fn → config.apiKey`. */
  path: string;
}

/**
 * Refuses a captured string that looks like a secret: captured values are stored in the cluster, where every client can
 * read them. Arguments are not checked, because callers pass them on purpose.
 *
 * @param allowSecrets names of variables or fields, or paths, that may be sent although they look like secrets
 * @throws CaptureError
 */
export function refuseSecret({ text, name, path }: CapturedText, allowSecrets: readonly string[]): void {
  const sign = secretSign(name, text);
  if (sign === undefined) return;
  const variable = path.slice(path.lastIndexOf(" ") + 1);
  if ([name, variable, path].some((one) => allowSecrets.includes(one))) return;
  throw new CaptureError(
    path,
    `${sign} and would be stored with the task. Read it on the engine (process.env, or a secrets service), or allow it with { allowSecrets: [${JSON.stringify(name === "" ? variable : name)}] }`,
  );
}

/**
 * Why a captured string is taken for a secret; undefined if it is not. Like repository scanners, this looks for the
 * prefixes that issuers give their keys, and otherwise for a suspicious name with a plausible value.
 *
 * @param name the variable or field that holds it; empty inside a list
 */
export function secretSign(name: string, text: string): string | undefined {
  if (name !== "" && text !== "" && isNamedCredential(name, text)) return `${name} looks like a credential by its name`;
  if (text.length < SHORTEST) return undefined;
  const beginning = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
  const shape = SECRET_WORDS.test(beginning) ? SECRET_SHAPES.find(([pattern]) => pattern.test(beginning)) : undefined;
  if (shape) return `looks like ${shape[1]}`;
  return text.length === 40 && AWS_SECRET.test(text) ? "looks like an AWS secret access key" : undefined;
}

/** Names of variables and fields that hold a credential. The value must look like one too. */
const KEY_NAMES =
  /(^|[_\-.$]|[a-z])(secret|secrets?_?(access)?_?key|token|api_?key|access_?key|private_?key|auth(orization)?|credentials?|bearer|session_?key|client_?secret|conn(ection)?_?string)([_\-.$\d]|$|value$)/i;
/**
 * Names of variables and fields that hold a password. People choose passwords, so passwords are shorter and more like
 * words than keys are.
 */
const PASSWORD_NAMES = /(^|[_\-.$]|[a-z])(pass(word|wd|phrase)|passwd|pwd)([_\-.$\d]|$|value$)/i;

/** Matches part of every text that `SECRET_SHAPES` match, so that most texts need one test instead of one for each format. */
const SECRET_WORDS =
  /AKIA|ASIA|-----BEGIN|eyJ|gh[pousr]_|github_pat_|xox|\b[rs]k[-_]|AIza|npm_|glpat-|SG\.|hvs\.|_v1_|pypi-|:\/\/|(Key|Password|Pwd)=/i;
/**
 * An AWS secret key is recognized only by its length and alphabet: 40 characters with upper case, lower case and
 * digits.
 */
const AWS_SECRET = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9/+]{40}$/;
/**
 * Texts shorter than this many characters are not checked for formats. Of longer texts, only the first `LOOKED_AT`
 * characters are checked.
 */
const SHORTEST = 16;
const LOOKED_AT = 4_096;

/** Matches a placeholder for a credential: a template variable, a mask, or a word such as "example". */
const PLACEHOLDER =
  /\$\{|\{\{|\*{3}|x{4}|\.{3}|your|example|change.?me|placeholder|dummy|redacted|undefined|not.?set|^(process\.)?env\b/i;
/** Minimum length of a key and of a password. Most words and identifiers are shorter, or have no digit. */
const KEY_CHARS = 12;
const PASSWORD_CHARS = 6;
/** Minimum entropy in bits per character. English words have about 2.5 to 3, hexadecimal keys 3.2 and more. */
const KEY_ENTROPY = 3;
const PASSWORD_ENTROPY = 2.2;

function isNamedCredential(name: string, text: string): boolean {
  const isPassword = PASSWORD_NAMES.test(name);
  if (!isPassword && !KEY_NAMES.test(name)) return false;
  // Strip the scheme of an Authorization header.
  const value = text.replace(/^(bearer|basic|token|apikey)\s+/i, "");
  if (/\s/.test(value) || PLACEHOLDER.test(value) || isBracketed(value)) return false;
  if (isPassword)
    return (
      value.length >= PASSWORD_CHARS &&
      mixture(value) > 1 &&
      entropy(value) >= PASSWORD_ENTROPY &&
      !SELECTOR.test(value)
    );
  return value.length >= KEY_CHARS && /\d/.test(value) && mixture(value) > 1 && entropy(value) >= KEY_ENTROPY;
}

function isBracketed(value: string): boolean {
  return /^[<[{(%$]/.test(value) && /[>\]})%]$/.test(value);
}

/** Matches a CSS selector, such as that of a page's password field, which is no password. */
const SELECTOR = /^[#.[][a-z][\w-]*\]?$/i;

/** How many kinds of characters the text has: lower case, upper case, digits, others. */
function mixture(text: string): number {
  return [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(text)).length;
}

/** The Shannon entropy, in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text.slice(0, LOOKED_AT)) counts.set(character, (counts.get(character) ?? 0) + 1);
  const total = Math.min(text.length, LOOKED_AT);
  return [...counts.values()].reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0);
}
