import { expect, test } from "vitest";
import { isModuleName } from "../../lambdas/protocol/module-name.ts";

test.each([
  ["fs"],
  ["node:zlib"],
  ["node:fs/promises"],
  ["sharp"],
  ["lodash/fp"],
  ["lodash/fp/get.js"],
  ["@aws-sdk/client-s3"],
  ["@scope/package/deep/file.mjs"],
  ["JSONStream"],
  ["left_pad.js"],
  ["package/.hidden"],
  ["package/...rest"],
  ["a".repeat(500)],
])("an engine's modules may include %s", (name) => {
  expect(isModuleName(name)).toBe(true);
});

test.each([
  ["nothing", ""],
  ["a relative path", "./own.js"],
  ["a path to a parent", "../own.js"],
  ["an absolute path", "/etc/passwd"],
  ["a Windows path", "C:\\own.js"],
  ["code in a URL", "data:text/javascript,1"],
  ["a file's URL", "file:///etc/passwd"],
  ["another URL", "https://example.org/a.js"],
  ["a path that leaves a folder inside a package", "package/../../own.js"],
  ["a path that ends above a package", "package/.."],
  ["a path with a single dot", "package/./own.js"],
  ["a path with a double slash", "package//own.js"],
  ["a slash at the end", "package/"],
  ["a scope alone", "@scope"],
  ["a scope without a package", "@scope/"],
  ["a name with a space", "left pad"],
  ["a name with a line break at its end", "fs\n"],
  ["a query", "package?x"],
  ["more than 500 characters", "a".repeat(501)],
])("an import statement may not name %s", (_, name) => {
  expect(isModuleName(name)).toBe(false);
});
