import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../../lambdas/protocol/record.ts";
import { packageOf } from "./module-name.ts";
import type { PackageImport } from "./package-import.ts";

/** Returns the required module that a package import refers to; undefined if none does. */
export function moduleOfImport({ from }: PackageImport, modules: ReadonlySet<string>): string | undefined {
  if (modules.has(from)) return from;
  const found = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/](.+)$/s.exec(from);
  if (!found) return undefined;
  const [, folder = "", name = "", file = ""] = found;
  const path = file.replaceAll("\\", "/");
  return [...modules].find((module) => packageOf(module) === name.replace("\\", "/") && isFileOf(module, folder, path));
}

/** Whether a package's manifest resolves the module to this file under any condition. */
function isFileOf(module: string, folder: string, file: string): boolean {
  const inside = module.slice(packageOf(module).length + 1);
  const { exports, main, module: esm } = manifestOf(folder);
  if (exports !== undefined) return entriesOf(exports, inside === "" ? "." : `./${inside}`).has(file);
  if (inside !== "")
    return [inside, `${inside}.js`, `${inside}.cjs`, `${inside}.mjs`, `${inside}/index.js`].includes(file);
  const mains = [main, esm, "index.js"].filter((entry) => typeof entry === "string").map(bare);
  return mains.some((entry) => [entry, `${entry}.js`, `${entry}/index.js`].includes(file));
}

function entriesOf(exports: unknown, path: string): Set<string> {
  const bySubpath =
    typeof exports === "object" && exports !== null && Object.keys(exports).some((key) => key.startsWith("."));
  if (!bySubpath) return new Set(path === "." ? filesIn(exports) : []);
  return new Set(filesIn(Reflect.get(exports, path)));
}

function filesIn(target: unknown): string[] {
  if (typeof target === "string") return [bare(target)];
  return typeof target === "object" && target !== null ? Object.values(target).flatMap(filesIn) : [];
}

function bare(path: string): string {
  return path.replace(/^\.\//, "");
}

const manifests = new Map<string, Readonly<Record<string, unknown>>>();

function manifestOf(folder: string): Readonly<Record<string, unknown>> {
  let manifest = manifests.get(folder);
  if (!manifest) {
    const file = join(folder, "package.json");
    const content: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
    manifest = isRecord(content) ? content : {};
    manifests.set(folder, manifest);
  }
  return manifest;
}
