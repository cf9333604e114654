/** Formats by which issuers mark their credentials. Some patterns take quadratic time: test short texts only. */
export const SECRET_SHAPES: readonly [RegExp, string][] = [
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, "an AWS access key id"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]/, "a JSON web token"],
  [/\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_\w{30,}\b/, "a GitHub token"],
  [/\bxox[abprs]-[\w-]{10}/, "a Slack token"],
  [/\b(sk|rk)_(live|test)_\w{16}/, "a Stripe key"],
  [/\bsk-[A-Za-z0-9_-]{20}/, "an API key"],
  [/\bAIza[\w-]{35}\b/, "a Google API key"],
  [/\bnpm_[A-Za-z0-9]{36}\b/, "an npm token"],
  [/\bglpat-[\w-]{20}/, "a GitLab token"],
  [/\bSG\.[\w-]{16,}\.[\w-]{16}/, "a SendGrid key"],
  [/\bhvs\.[\w-]{20}/, "a Vault token"],
  [/\b(dop|doo|dor)_v1_[a-f0-9]{64}\b/, "a DigitalOcean token"],
  [/\bpypi-AgE[\w-]{40}/, "a PyPI token"],
  [/^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s:@]+@/i, "a URL with a password"],
  [/\b(AccountKey|SharedAccessKey|Password|Pwd)=[^;\s]{6,}(;|$)/i, "a connection string with a password"],
];
