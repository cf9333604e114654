import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { afterAll, beforeAll } from "vitest";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const run = promisify(execFile);

const Published = v.looseObject({ dependencies: v.record(v.string(), v.string()) });

/** The package as it would be published, laid out in a user's project while the file's tests run. */
export class UnpackedPackage {
  #folder = "";
  #files: string[] = [];
  #tarball = "";

  constructor() {
    beforeAll(async () => {
      this.#folder = mkdtempSync(join(tmpdir(), "fantail-package-"));
      mkdirSync(this.project);
      writeFileSync(join(this.project, "package.json"), '{ "name": "a-users-project", "type": "module" }\n');
      await this.#pack();
      await unpack(this.#tarball, this.project);
    }, 300_000);
    afterAll(() => rmSync(this.#folder, { recursive: true, force: true }));
  }

  get folder(): string {
    return this.#folder;
  }

  get project(): string {
    return join(this.#folder, "project");
  }

  /** A copy of the checkout, as far as it is packed. */
  get checkout(): string {
    return join(this.#folder, "checkout");
  }

  /** Paths of the packed files. */
  get files(): readonly string[] {
    return this.#files;
  }

  get tarball(): string {
    return this.#tarball;
  }

  /** Runs a script in the user's project and returns its output. */
  async printed(script: string): Promise<string> {
    writeFileSync(join(this.project, "script.mjs"), script);
    const { stdout } = await run(process.execPath, ["script.mjs"], { cwd: this.project });
    return stdout.trim();
  }

  /** Packs a copy: npm's own scripts would build once more and change the manifest, below other tests that run from this checkout. */
  async #pack(): Promise<void> {
    await run(process.execPath, [".scripts/ready.mjs"], { cwd: root });
    for (const name of ["dist", ".scripts", "package.json", "README.md", "LICENSE", "CHANGELOG.md"])
      cpSync(join(root, name), join(this.checkout, name), { recursive: true });
    await run(process.execPath, [".scripts/published-manifest.mjs"], { cwd: this.checkout });
    const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", this.#folder], {
      cwd: this.checkout,
      maxBuffer: 1 << 26,
    });
    const output: unknown = JSON.parse(stdout);
    // npm reports packages as a list; newer versions, by name.
    const [made] = Object.values(output as Record<string, { filename: string; files: { path: string }[] }>);
    this.#files = made?.files.map(({ path }) => path) ?? [];
    this.#tarball = join(this.#folder, made?.filename ?? "");
  }
}

/**
 * Unpacks the package as npm does, with only its declared dependencies beside it, so that undeclared imports fail. `npm
 * run release:check` installs it with npm.
 */
async function unpack(tarball: string, folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  const place = join(modules, "fantail-lambda");
  mkdirSync(place, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", place, "--strip-components=1"]);
  const { dependencies } = v.parse(Published, JSON.parse(readFileSync(join(place, "package.json"), "utf8")));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  mkdirSync(join(modules, ".bin"));
  symlinkSync("../fantail-lambda/dist/client/commands/cli.js", join(modules, ".bin/fantail"));
}
