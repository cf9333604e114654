/**
 * The modules that an import statement may name on an engine: Node's own, or an installed package with or without a
 * path in it. No file paths and no URLs, because `data:` URLs are code.
 */
const MODULE_NAME = /^(?:node:)?(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~_][\w.~-]*(?:\/(?!\.{1,2}(?:\/|$))[\w.~@+-]+)*$/i;

/** Whether this names a module that an engine may have: Node's own, or a package with or without a path in it. */
export function isModuleName(name: string): boolean {
  return name.length <= 500 && MODULE_NAME.test(name);
}
