/** Names of variables and fields whose text is taken for a credential, whatever it looks like. */
const NAMES =
  /(^|[_\-.$]|[a-z])(pass(word|wd|phrase)|passwd|pwd|secret|secrets?_?(access)?_?key|token|api_?key|access_?key|private_?key|auth(orization)?|credentials?|bearer|session_?key|client_?secret|conn(ection)?_?string)([_\-.$\d]|$|value$)/i;

/** Texts that are credentials by their shape. */
const SHAPES: readonly [RegExp, string][] = [
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, "an AWS access key id"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/, "a JSON web token"],
  [/\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_\w{30,}\b/, "a GitHub token"],
  [/\bxox[abprs]-[\w-]{10,}/, "a Slack token"],
  [/\b(sk|rk)_(live|test)_\w{16,}/, "a Stripe key"],
  [/\bsk-[A-Za-z0-9_-]{20,}/, "an API key"],
  [/\bAIza[\w-]{35}\b/, "a Google API key"],
  [/\bnpm_[A-Za-z0-9]{36}\b/, "an npm token"],
  [/\bglpat-[\w-]{20,}/, "a GitLab token"],
  [/^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]+:[^/\s:@]+@/i, "a URL with a password"],
];
/** What every one of these has in it: one look spares a dozen for nearly all texts. */
const MARKS = /AKIA|ASIA|-----BEGIN|eyJ|gh[pousr]_|github_pat_|xox|\b[rs]k[-_]|AIza|npm_|glpat-|:\/\//;
/** An AWS secret key has no mark but its length and alphabet: upper and lower case and digits, 40 in all. */
const AWS_SECRET = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9/+]{40}$/;
/** Shorter texts are no keys; of longer ones only the beginning is looked at. */
const SHORTEST = 16;
const LOOKED_AT = 4_096;

/**
 * Says why a captured text is taken for a credential; undefined when it is not.
 *
 * @param name the variable or field that holds it; empty inside a list
 */
export function credentialSign(name: string, text: string): string | undefined {
  if (name !== "" && text !== "" && NAMES.test(name)) return `is called ${name}, like a credential`;
  if (text.length < SHORTEST) return undefined;
  const beginning = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
  const shape = MARKS.test(beginning) ? SHAPES.find(([pattern]) => pattern.test(beginning)) : undefined;
  if (shape) return `looks like ${shape[1]}`;
  return text.length === 40 && AWS_SECRET.test(text) ? "looks like an AWS secret access key" : undefined;
}
