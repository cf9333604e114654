/**
 * What an import statement may name on an engine: a module of Node's own, or an installed package with or without a path in
 * it. No path of a file and no URL, as `data:` is code.
 */
const MODULE_NAME = /^(?:node:)?(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~_][\w.~-]*(?:\/(?!\.{1,2}(?:\/|$))[\w.~@+-]+)*$/i;

/** Claims that this names a module as an engine may have it: Node's own, or a package with or without a path in it. */
export function isModuleName(name: string): boolean {
  return name.length <= 500 && MODULE_NAME.test(name);
}
