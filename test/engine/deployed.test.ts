import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { FunctionReference } from "../../lambdas/protocol/function-reference.ts";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import { aLease, anEngine, aUnit, type EngineSetting, resultOf, text } from "./an-engine.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/** Writes a module of deployed functions. Returns its URL. */
function aModule(source: string): URL {
  const file = join(mkdtempSync(join(tmpdir(), "fantail-functions-")), "functions.mjs");
  writeFileSync(file, source);
  return pathToFileURL(file);
}

const FUNCTIONS = aModule(`
  const task = () => globalThis[Symbol.for("fantail.task")]();
  export const double = (x) => 2 * x;
  export const where = () => task().engineId;
  export const has = (device) => device === "gpu";
  export const limit = 5;
`);

/** Returns a lease with tasks of one function. */
function leaseOf(fn: FunctionReference, calls: unknown[][], more: Partial<Grant> = {}): Grant {
  return aLease(() => 1, calls, { functions: [fn], units: [], ...more });
}

async function run(lease: Grant, setting: EngineSetting = {}): Promise<ScriptedEndpoint> {
  const engine = await anEngine({ functions: FUNCTIONS, codeShipping: false, ...setting });
  const endpoint = new ScriptedEndpoint([lease]);
  await engine.invoke(endpoint);
  return endpoint;
}

describe("a deployed function", () => {
  it("a deployed function runs by its name, can use task(), and is loaded once", async () => {
    const endpoint = await run(leaseOf({ deployed: "double" }, [[1], [2]]));
    expect([0, 1].map((index) => resultOf(endpoint.entries().get(index)))).toEqual([2, 4]);
    const where = await run(leaseOf({ deployed: "where" }, [[]]));
    expect(resultOf(where.entries().get(0))).toBe(3);
  });

  it.each(["limit", "constructor", "toString", "__proto__"])(
    "the name %s is not that of a deployed function",
    async (deployed) => {
      const endpoint = await run(leaseOf({ deployed }, [[1]]));
      expect(endpoint.entries().get(0)).toMatchObject({ status: "error", error: { ename: "UnknownFunction" } });
    },
  );

  it("a deployed function runs only where its checks pass", async () => {
    const checked = (device: string) => ({ deployed: "double", checks: [{ deployed: "has", args: text([device]) }] });
    const passing = await run(leaseOf(checked("gpu"), [[4]]));
    expect(resultOf(passing.entries().get(0))).toBe(8);
    const failing = await run(leaseOf(checked("tpu"), [[4]]));
    expect(failing.entries().get(0)).toMatchObject({ status: "unmet", error: { code: "UnmetDependency" } });
  });

  it("a deployed function goes to another engine if a package that its module imports is not installed", async () => {
    const functions = aModule('import left from "@nobody/left-pad";\nexport const double = (x) => left(x);\n');
    const endpoint = await run(leaseOf({ deployed: "double" }, [[1]]), { functions });
    expect(endpoint.entries().get(0)).toMatchObject({ status: "unmet", error: { module: "@nobody/left-pad" } });
  });

  it("a deployed function fails each time with what its module throws", async () => {
    const functions = aModule('throw new RangeError("no licence");\n');
    const endpoint = await run(leaseOf({ deployed: "double" }, [[1], [2]]), { functions });
    for (const index of [0, 1])
      expect(endpoint.entries().get(index)).toMatchObject({ error: { ename: "RangeError", evalue: "no licence" } });
  });

  it("a deployed function does not exist if nothing was deployed", async () => {
    const functions = new URL("nothing.mjs", FUNCTIONS);
    const endpoint = await run(leaseOf({ deployed: "double" }, [[1]]), { functions });
    expect(endpoint.entries().get(0)).toMatchObject({ error: { ename: "UnknownFunction" } });
  });
});

describe("an engine that runs deployed functions only", () => {
  const refused = { status: "error", error: { ename: "CodeShippingOff" } };
  const marked = () => {
    (globalThis as { ran?: boolean }).ran = true;
  };

  it("an engine without code shipping runs no code of a lease, requests none, and reads none from the bucket", async () => {
    const unit = aUnit(marked);
    const blobs = new MemoryBlobs();
    await blobs.putAs(unit.hash, Buffer.from(unit.body, "base64"));
    for (const lease of [
      aLease(marked, [[]]),
      aLease(marked, [[]], { units: [] }),
      aLease(marked, [[]], { units: [], functions: [{ code: unit.hash, at: "blob", name: "marked" }] }),
    ]) {
      const endpoint = await run(lease, { blobs });
      expect(endpoint.entries().get(0)).toMatchObject(refused);
      expect(endpoint.of("fetch")).toEqual([]);
    }
    expect(blobs.gets).toBe(0);
  });

  it("an engine without code shipping runs no code that reaches its thread", async () => {
    const engine = await anEngine({ functions: FUNCTIONS, codeShipping: false });
    const lax = Object.assign(Object.create(engine) as typeof engine, { codeShipping: true });
    const endpoint = new ScriptedEndpoint([aLease(marked, [[]])]);
    await lax.invoke(endpoint);
    expect(endpoint.entries().get(0)).toMatchObject(refused);
  });

  it("an engine without code shipping runs no pushed function that is code", async () => {
    const unit = aUnit(marked);
    const lease = leaseOf({ deployed: "double" }, [[1]], { names: [["f", { fn: 1 }]], units: [unit] });
    lease.functions.push({ code: unit.hash, at: "table", name: "marked" });
    expect((await run(lease)).entries().get(0)).toMatchObject(refused);
  });

  it("an engine without code shipping accepts no module by URL or path", async () => {
    for (const module of [
      "data:text/javascript,globalThis.ran=1",
      "file:///tmp/x.mjs",
      "/tmp/x.mjs",
      "./x.mjs",
      "a/../../x",
    ]) {
      const engine = await anEngine({ functions: FUNCTIONS, codeShipping: false });
      const endpoint = new ScriptedEndpoint([leaseOf({ deployed: "double", modules: [module] }, [[1]])]);
      await expect(engine.invoke(endpoint)).rejects.toThrow(/cannot read the tasks sent to this engine/);
    }
  });
});

describe("code that a client has sent", () => {
  it("sent code finds the deployed functions that it uses", async () => {
    const source = "() => (captured, { deployed }) => (x) => deployed.get('double')(x) + 1";
    const hash = createHash("sha256").update(source).digest("hex");
    const unit = { hash, body: brotliCompressSync(source).toString("base64") };
    const lease = leaseOf({ code: hash, at: "table", name: "fn", uses: ["double"] }, [[5]], { units: [unit] });
    const endpoint = await run(lease, { codeShipping: true });
    expect(resultOf(endpoint.entries().get(0))).toBe(11);
  });

  it("a task that submits a deployed function sends only its name", async () => {
    const functions = aModule(`
      const task = () => globalThis[Symbol.for("fantail.task")]();
      export const double = (x) => 2 * x;
      export const parent = (x) => { task().view.apply(double, x); };
      export const smuggler = (x) => { task().view.apply((y) => y, x); };
    `);
    const endpoint = await run(leaseOf({ deployed: "parent" }, [[1]]), { functions });
    const [asked] = endpoint.of("ask");
    expect(asked?.message).toMatchObject({ type: "submit", units: [] });
    expect(JSON.stringify(asked?.message)).toContain('"functions":[{"deployed":"double"}]');
    const refusedEndpoint = await run(leaseOf({ deployed: "smuggler" }, [[1]]), { functions });
    expect(refusedEndpoint.entries().get(0)).toMatchObject({ error: { ename: "CodeShippingOff" } });
    expect(refusedEndpoint.of("ask")).toEqual([]);
  });
});
