/** Returns the package of a module, such as `@scope/name`. */
export function packageOf(name: string): string {
  return /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
}

/**
 * Returns the name of the variable for a module: the last part of the module's name in camel case, such as `clientS3`
 * for `@aws-sdk/client-s3`.
 */
export function variableOf(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1).replace(/^node:/, "");
  return last.replace(/[^\w$]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
}
