/** The value that `import x from` binds: the default export, or the namespace if there is none. */
export function mainExport(namespace: object): unknown {
  return "default" in namespace ? namespace.default : namespace;
}
