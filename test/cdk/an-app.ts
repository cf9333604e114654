import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Preloaded into the process and its children: makes any use of the network an error. */
const NO_NETWORK = `--import=data:text/javascript,${encodeURIComponent(`
  import net from "node:net"; import dns from "node:dns"; import { syncBuiltinESMExports } from "node:module";
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const [to] = Array.isArray(args[0]) ? args[0] : args;
    if (to?.path ?? typeof to === "string") return connect.apply(this, args);
    throw new Error("the network was reached for");
  };
  dns.lookup = () => { throw new Error("a name was looked up"); };
  syncBuiltinESMExports();
`)}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fantail-app-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What runs the app by itself. */
export const APP = ["--import", "tsx", "cdk/app.ts"];

/** Runs a program in the project, without network, and returns the template that it writes. */
export async function synthesize(name: string, argv: string[], env: Record<string, string> = {}, stack = "Fantail") {
  const outdir = join(folder, name);
  await promisify(execFile)(
    process.execPath,
    argv.map((arg) => arg.replace("OUTDIR", outdir)),
    {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: folder, NODE_OPTIONS: NO_NETWORK, CDK_OUTDIR: outdir, ...env },
    },
  );
  return JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), "utf8"));
}
