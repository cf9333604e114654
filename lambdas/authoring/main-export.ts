/** What `import x from` gives, or else the namespace. */
export function mainExport(namespace: object): unknown {
  return "default" in namespace ? namespace.default : namespace;
}
