/** The package that a module is of, as `@scope/name`. */
export function packageOf(name: string): string {
  return /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
}

/** The variable that a module is bound to: the last part of its name in camel case, as `clientS3` of `@aws-sdk/client-s3`. */
export function variableOf(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1).replace(/^node:/, "");
  return last.replace(/[^\w$]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
}
