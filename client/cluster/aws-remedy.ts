/** Remedies for errors about the AWS region and credentials, each with a pattern of the error's text. */
const REMEDIES: readonly [sign: RegExp, remedy: string][] = [
  [/Region is missing/, "Set AWS_REGION or pass --region"],
  [
    /Could not load credentials|Could not resolve credentials|The SSO session|token is expired/i,
    "Run `aws configure sso` or `aws sso login`, or pass --aws-profile",
  ],
  [/security token included in the request is (?:invalid|expired)/i, "Sign in again, or pass --aws-profile"],
];

/** Adds the remedy to the text of an error of the AWS SDK. Returns a text without a known remedy unchanged. */
export function withAwsRemedy(why: string): string {
  const remedy = REMEDIES.find(([sign]) => sign.test(why))?.[1];
  return remedy === undefined ? why : `${why.replace(/\.$/, "")}. ${remedy}`;
}
