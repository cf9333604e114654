import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

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

/** Runs a program in the project, without network, and returns the template that it writes. */
async function synthesize(name: string, argv: string[], env: Record<string, string> = {}, stack = "Fantail") {
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

const app = ["--import", "tsx", "cdk/app.ts"];
const cli = ["node_modules/aws-cdk/bin/cdk", "synth", "--quiet", "--no-notices", "--output", "OUTDIR"];

// Each test starts the CDK once or twice, in processes that share the machine with other tests.
describe("the app", { timeout: 120_000 }, () => {
  it("the app synthesizes without network, and the same by itself and by the CDK's CLI", async () => {
    const [alone, byCli] = await Promise.all([
      synthesize("alone", app),
      synthesize("cli", cli, { CDK_VALIDATION: "false" }),
    ]);
    expect(alone.Outputs.Pools.Value).toBe(
      JSON.stringify([{ name: "default", count: 4, memoryMb: 1769, timeoutSeconds: 900 }]),
    );
    expect(byCli).toEqual(alone);
  });

  it("the app takes the props of the cluster from a variable, and the stack's name from the context", async () => {
    const engines = [{ name: "mine", count: 7, memoryMb: 512, timeoutSeconds: 30 }];
    const template = await synthesize(
      "props",
      app,
      {
        FANTAIL_CDK_PROPS: JSON.stringify({ engines, scheme: "lru", hwm: 1 }),
        CDK_VALIDATION: "false",
        CDK_CONTEXT_JSON: JSON.stringify({ stack: "Other" }),
      },
      "Other",
    );
    expect(JSON.parse(template.Outputs.Pools.Value)).toEqual(engines);
    expect(template.Outputs.Scheme.Value).toBe("lru");
    expect(template.Outputs.Hwm.Value).toBe("1");
  });

  it("the app rejects invalid props by name", async () => {
    const engines = [{ name: "mine", count: 0 }];
    await expect(synthesize("bad", app, { FANTAIL_CDK_PROPS: JSON.stringify({ engines }) })).rejects.toThrow(
      "flag engines[0].count: must be a whole number from 1 to 100000",
    );
  });
});
