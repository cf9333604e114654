import { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandFailure, EXIT } from "./exit-codes.ts";

const TYPESCRIPT: ReadonlySet<string> = new Set([".ts", ".mts", ".cts", ".tsx"]);

/**
 * Node's arguments to run a script. For a TypeScript file they load tsx if it is installed for the script or the
 * project; otherwise Node itself must be able to remove the types.
 *
 * @throws CommandFailure, which says what to install, if this Node cannot run the file
 */
export function scriptArguments(script: string): string[] {
  const file = resolve(script);
  if (!TYPESCRIPT.has(extname(file))) return [file];
  for (const origin of [file, resolve("package.json")])
    try {
      return ["--import", pathToFileURL(createRequire(origin).resolve("tsx")).href, file];
    } catch {
      // It is not installed there.
    }
  if ("typescript" in process.features && process.features.typescript) return [file];
  throw new CommandFailure(
    `Node ${process.versions.node} cannot run the TypeScript file ${script}. Install tsx beside it (\`npm install --save-dev tsx\`), use Node 22.18 or later, or pass a JavaScript file`,
    EXIT.usage,
  );
}
