/** What `import x from` gives, or the namespace if there is no default export. */
export function mainExport(namespace: object): unknown {
  return "default" in namespace ? namespace.default : namespace;
}
