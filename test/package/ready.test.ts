import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const SOURCE = "client/index.ts";

/** Replaces npm: records its arguments and installs by copying the lock file, or fails. */
const NPM = `
  import { appendFileSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
  appendFileSync("asked.txt", process.argv[2] + "\\n");
  if (existsSync("fail-" + process.argv[2])) process.exit(1);
  mkdirSync("node_modules", { recursive: true });
  copyFileSync("package-lock.json", "node_modules/.package-lock.json");
`;
/** Installs one package and waits until the test has seen it. */
const HALF_WAY = `
  import { writeFileSync } from "node:fs";
  mkdirSync("node_modules/a", { recursive: true });
  writeFileSync("node_modules/a/package.json", "{}");
  while (!existsSync("told")) await new Promise((resolve) => setTimeout(resolve, 50));
`;
/** Replaces the build: records that it ran, and writes the stamp. */
const BUILD = `
  import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
  appendFileSync("asked.txt", "build\\n");
  mkdirSync("dist", { recursive: true });
  writeFileSync("dist/.built", "");
`;

let project: string;
const write = (file: string, text: string) => writeFileSync(join(project, file), text);
const lock = (version: string) =>
  write(
    "package-lock.json",
    JSON.stringify({
      packages: { "": {}, "node_modules/a": { version }, "node_modules/b": { version, optional: true } },
    }),
  );

/** Runs the script. Returns what it ran since the last time, and what it printed. */
function ready(): { asked: string[]; said: string } {
  rmSync(join(project, "asked.txt"), { force: true });
  const said = execFileSync(process.execPath, [".scripts/ready.mjs"], {
    cwd: project,
    env: { npm_execpath: join(project, "npm.js") },
    encoding: "utf8",
  });
  const notes = join(project, "asked.txt");
  return { asked: existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : [], said };
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "fantail-ready-"));
  for (const folder of [".scripts", "bench", "cdk", "client", "examples", "lambdas"]) mkdirSync(join(project, folder));
  cpSync(join(root, ".scripts/ready.mjs"), join(project, ".scripts/ready.mjs"));
  write("package.json", '{ "type": "module" }');
  write(".scripts/build.mjs", BUILD);
  write("npm.js", NPM);
  write(SOURCE, "");
  lock("1.0.0");
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe("before start, test and bench", () => {
  it("a fresh clone is installed and built, and a ready one stays unchanged", () => {
    expect(ready()).toEqual({
      asked: ["ci", "build"],
      said: "fantail: installing packages (npm ci)\nfantail: building dist\n",
    });
    expect(ready()).toEqual({ asked: [], said: "" });
  });

  it("a long installation reports its progress every few seconds", { timeout: 60_000 }, async () => {
    // The first package is installed at once; the others only after progress was reported.
    write("npm.js", `${HALF_WAY}${NPM}`);
    const child = spawn(process.execPath, [".scripts/ready.mjs"], {
      cwd: project,
      env: { npm_execpath: join(project, "npm.js") },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    for await (const text of child.stdout.setEncoding("utf8")) {
      said += text;
      if (/\d+ s, /.test(said)) write("told", "");
    }
    expect(said).toMatch(/^fantail: installing packages: [1-9]\d* s, 1 of 1 installed$/m);
    expect(said).toMatch(/fantail: building dist\n$/);
  });

  it("a package with another version in the lock is installed, and a package for other platforms is not", () => {
    ready();
    lock("1.0.1");
    expect(ready().asked).toEqual(["ci", "build"]);
    const installed = { packages: { "node_modules/a": { version: "1.0.1" } } };
    write("node_modules/.package-lock.json", JSON.stringify(installed));
    expect(ready().asked).toEqual([]);
  });

  it("an edited source is built, and nothing installed", () => {
    ready();
    const later = new Date(Date.now() + 5_000);
    utimesSync(join(project, SOURCE), later, later);
    expect(ready().asked).toEqual(["build"]);
  });

  it("a removed source is removed from the build", () => {
    ready();
    rmSync(join(project, SOURCE));
    const later = new Date(Date.now() + 5_000);
    utimesSync(join(project, "client"), later, later);
    expect(ready().asked).toEqual(["build"]);
  });

  it("a lock file that npm ci rejects is installed by npm install", () => {
    write("fail-ci", "");
    expect(ready().asked).toEqual(["ci", "install", "build"]);
  });

  it("packages that cannot be installed stop the command", () => {
    write("fail-ci", "");
    write("fail-install", "");
    expect(ready).toThrow(/could not be installed/);
  });
});
