import { execFile } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transformSync } from "esbuild";
import * as v from "valibot";

/** The package as installed by users: a tarball, an empty folder and some version of Node. */

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const QUIETLY = ["--prefer-offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

const Packed = v.record(v.string(), v.looseObject({ filename: v.string() }));
const InstalledLock = v.looseObject({ packages: v.record(v.string(), v.unknown()) });

/** Packs the files that git tracks with `npm pack` and npm's own scripts, in a separate folder. Returns the tarball. */
export async function packed(folder: string): Promise<string> {
  const checkout = join(folder, "checkout");
  const { stdout: names } = await run("git", ["ls-files", "-z"], { cwd: root, maxBuffer: 1 << 26 });
  for (const name of names.split("\0").filter((one) => one !== "")) {
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    cpSync(join(root, name), join(checkout, name));
  }
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  const before = readFileSync(join(checkout, "package.json"), "utf8");
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: checkout,
    maxBuffer: 1 << 26,
  });
  if (readFileSync(join(checkout, "package.json"), "utf8") !== before)
    throw new Error("npm pack did not put the manifest back");
  // The output of npm's scripts comes first.
  const [made] = Object.values(v.parse(Packed, JSON.parse(stdout.slice(stdout.search(/^[[{]$/m)))));
  return join(folder, made?.filename ?? "");
}

/** The programs of a version of Node. */
export interface NodeVersion {
  node: string;
  npm: string;
}

/** Returns a version of Node from npm, such as `22` or `20.19.0`. Throws with npm's message if it is unavailable. */
export async function nodeOf(version: string, folder: string): Promise<NodeVersion> {
  const os = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${os}-${process.arch}`;
  const prefix = join(folder, `node-${version}`);
  mkdirSync(prefix, { recursive: true });
  await run("npm", ["install", "--prefix", prefix, "--ignore-scripts", ...QUIETLY, `${name}@${version}`]);
  const { stdout } = await run("npm", ["root", "--global"]);
  return { node: join(prefix, "node_modules", name, "bin/node"), npm: join(stdout.trim(), "npm/bin/npm-cli.js") };
}

/** An empty folder to install packages and run scripts in. */
export class Installation {
  readonly folder: string;
  readonly #version: NodeVersion;
  readonly #home: string;

  constructor(inside: string, version: NodeVersion) {
    this.folder = mkdtempSync(join(inside, "project-"));
    this.#home = mkdtempSync(join(inside, "home-"));
    this.#version = version;
  }

  async install(...packages: string[]): Promise<void> {
    const { node, npm } = this.#version;
    await run(node, [npm, "install", ...QUIETLY, ...packages], { cwd: this.folder, env: this.#env(process.env) });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** Runs this version of Node and returns its output. Throws if it fails. */
  async node(...argv: string[]): Promise<string> {
    const { stdout } = await run(this.#version.node, argv, {
      cwd: this.folder,
      env: this.#env({}),
      maxBuffer: 1 << 26,
    });
    return stdout.trim();
  }

  /** Returns the number of installed packages and their size in megabytes. */
  size(): { packages: number; megabytes: number } {
    const lock = JSON.parse(readFileSync(join(this.folder, "node_modules/.package-lock.json"), "utf8"));
    const { packages } = v.parse(InstalledLock, lock);
    let bytes = 0;
    for (const name of readdirSync(join(this.folder, "node_modules"), { recursive: true, encoding: "utf8" })) {
      const stats = lstatSync(join(this.folder, "node_modules", name));
      if (stats.isFile()) bytes += stats.size;
    }
    return { packages: Object.keys(packages).length, megabytes: Math.round(bytes / 1e5) / 10 };
  }

  /** Returns an environment with this version first on the path, and an empty home folder. */
  #env(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...more, PATH: `${dirname(this.#version.node)}:${process.env.PATH}`, HOME: this.#home };
  }
}

/** Returns the README's first example. */
export function firstExample(): string {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
  if (example === undefined) throw new Error("the README has no example");
  return example;
}

/** Removes the types from TypeScript, and changes nothing else. */
export function asJavaScript(source: string): string {
  return transformSync(source, { loader: "ts", format: "esm" }).code;
}

/** Creates a folder for a run, with a function that removes it. */
export function aFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "fantail-release-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
