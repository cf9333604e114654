// `npm run build`: TypeScript to dist, with types, dist/stack, what the embedded cloud deploys, and dist/bundle. The stamp dist/.built tells ready.mjs when it was whole.
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
// The time at which the build began: what was edited since then is not in it.
utimesSync(stamp, begun, begun);

/**
 * `#private` in a class's types is an error to compilers that target ES5, as they do by default before version 6. A private field with
 * a name does the same: only instances of the class are of its type. The name is the class's own, as heirs must not have the same.
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

/** Emptying dist instead would pull the files from under whatever runs from there. */
function removeOutputWithoutSource() {
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist, { recursive: true })) {
    const source = String(name).replace(/\.(?:d\.ts|js\.map|js)$/, ".ts");
    const isMadeHere = /^(?:stack|bundle)[/\\]/.test(name);
    if (source !== name && !isMadeHere && !existsSync(join(root, source))) rmSync(join(dist, String(name)));
  }
}

/** Has the CDK describe the stack that the embedded cloud derives its own from. Takes seconds, so only when what it is made of has changed. */
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
