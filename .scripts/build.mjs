// `npm run build`: compiles TypeScript to dist, with types, and writes dist/stack, which the embedded cloud deploys, and dist/bundle.
// It writes dist/.built last; ready.mjs compares the sources with its time.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const stamp = join(dist, ".built");
const begun = new Date();

rmSync(stamp, { force: true });
const tsc = join(root, "node_modules/typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, ".scripts/build.tsconfig.json")], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(1);

removeOutputWithoutSource();
namePrivateFields();
makeStack();
await bundle(root);
const cli = join(dist, "client/commands/cli.js");
if (existsSync(cli)) chmodSync(cli, 0o755);
mkdirSync(dist, { recursive: true });
writeFileSync(stamp, "");
// Use the time at which the build began: edits made since then may not be in the build.
utimesSync(stamp, begun, begun);

/**
 * Replaces `#private` in the types of classes: compilers that target ES5, the default before version 6, reject it. A named private
 * field has the same effect, that only instances of the class have its type. Its name contains the class's, since a subclass must
 * not declare the same name.
 */
function namePrivateFields() {
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!String(name).endsWith(".d.ts")) continue;
    const file = join(dist, String(name));
    const types = readFileSync(file, "utf8");
    if (!types.includes("#private;")) continue;
    let owner = "";
    const named = types.replace(
      /^(?:export )?(?:declare )?(?:abstract )?class (\w+)|#private;/gm,
      (found, declared) => {
        owner = declared ?? owner;
        return found === "#private;" ? `private readonly _${owner};` : found;
      },
    );
    writeFileSync(file, named);
  }
}

/** Removes outdated files only: emptying dist would break programs that are running from this folder. */
function removeOutputWithoutSource() {
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist, { recursive: true })) {
    const source = String(name).replace(/\.(?:d\.ts|js\.map|js)$/, ".ts");
    const isMadeHere = /^(?:stack|bundle)[/\\]/.test(name);
    if (source !== name && !isMadeHere && !existsSync(join(root, source))) rmSync(join(dist, String(name)));
  }
}

/**
 * Synthesizes the stack from which the embedded cloud derives its own stacks. Synthesis takes seconds, so it is skipped
 * if nothing has changed.
 */
function makeStack() {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const folder of ["cdk", "client", "lambdas"])
    for (const name of readdirSync(join(dist, folder), { recursive: true }).map(String).sort())
      if (name.endsWith(".js")) hash.update(name).update(readFileSync(join(dist, folder, name)));
  const madeOf = hash.digest("hex");
  const note = join(dist, ".stack");
  if (existsSync(join(dist, "stack/stack.json")) && existsSync(note) && readFileSync(note, "utf8") === madeOf) return;
  const app = spawnSync(process.execPath, [join(dist, "cdk/seed-app.js"), join(dist, "stack")], {
    cwd: root,
    env: { ...process.env, CDK_VALIDATION: "false", JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: "1" },
    encoding: "utf8",
  });
  if (app.status !== 0) {
    console.error(app.stderr);
    process.exit(1);
  }
  writeFileSync(note, madeOf);
}
