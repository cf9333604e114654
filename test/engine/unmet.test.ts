import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { registerOwnExports } from "../../client/shipping/values/own-exports.ts";
import { depend, dependent, requires } from "../../client/views/requires.ts";
import * as errors from "../../lambdas/protocol/errors.ts";
import { UnmetDependency } from "../../lambdas/protocol/errors.ts";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import type { ReportedEntry } from "../../lambdas/protocol/report-messages.ts";
import { aLease, anEngine, resultOf, text } from "./an-engine.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";
import { workerEntry } from "./worker-entry.ts";

registerOwnExports(errors);

declare const zlib: typeof import("node:zlib");
declare const beside: { where: string };
declare const onlyEsm: string;
declare const ofLayer: { where: string };

/** Returns a lease that calls the function, shipped as clients do. */
function shippedLease<A extends unknown[]>(fn: (...args: A) => unknown, calls: A[], more: Partial<Grant> = {}): Grant {
  const { source, hash, name, data, modules } = shipFunction(fn);
  const captured = data === undefined ? {} : { data: text(data) };
  return aLease("", calls, {
    functions: [{ code: hash, at: "table", name, ...captured, ...(modules.length > 0 && { modules: [...modules] }) }],
    units: [{ hash, body: brotliCompressSync(source).toString("base64") }],
    ...more,
  });
}

async function outcomesOf<A extends unknown[]>(
  fn: (...args: A) => unknown,
  calls: A[],
  more: Partial<Grant> = {},
): Promise<ReportedEntry[]> {
  const endpoint = new ScriptedEndpoint([shippedLease(fn, calls, more)]);
  await (await anEngine()).invoke(endpoint);
  return [...endpoint.entries().values()];
}

/** Installs a package where the engine finds it: in the folder of its code, outside this project. */
async function installed(name: string, manifest: object, file: string, source: string): Promise<void> {
  const folder = join(dirname(fileURLToPath(await workerEntry())), "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
  writeFileSync(join(folder, file), source);
}

const unmet = { code: "UnmetDependency", ename: "UnmetDependency" };

describe("a module that the engine lacks", () => {
  it("a missing module makes the task unmet, by name, before any user code runs", async () => {
    const fn = requires("@nobody/gpu")(
      depend(() => {
        console.log("asked");
        return true;
      })(() => console.log("ran")),
    );
    const [entry] = await outcomesOf(fn, [[]]);
    expect(entry).toMatchObject({ status: "unmet", error: { ...unmet, module: "@nobody/gpu" } });
    expect(entry?.error?.evalue).toMatch(/module @nobody\/gpu cannot be loaded/);
    expect(entry?.stdout).toBeUndefined();
  });

  it("a module that throws while loading counts as missing", async () => {
    await installed("broken", {}, "index.js", "throw new Error('built for another machine')");
    const [entry] = await outcomesOf(
      requires("broken")(() => 1),
      [[]],
    );
    expect(entry).toMatchObject({ status: "unmet", error: { ...unmet, module: "broken" } });
    expect(entry?.error?.evalue).toMatch(/built for another machine/);
  });

  it("a missing module does not affect another task of the same code", async () => {
    const fn = (x: number) => x + 1;
    const needy = shippedLease(requires("@nobody/gpu")(fn), [[1]]);
    const endpoint = new ScriptedEndpoint([needy, { ...shippedLease(fn, [[1]]), tasks: [[7, 1, 0, text([1])]] }]);
    await (await anEngine()).invoke(endpoint);
    expect(endpoint.entries().get(0)?.status).toBe("unmet");
    expect(resultOf(endpoint.entries().get(7))).toBe(2);
  });
});

describe("a module that the engine has", () => {
  it("a required module may be Node's, or an installed CommonJS or ES module", async () => {
    await installed("beside", {}, "index.js", "module.exports = { where: 'beside' };");
    await installed("only-esm", { type: "module", exports: "./main.js" }, "main.js", "export default 'esm';");
    const fn = requires("node:zlib", "beside", "only-esm")(() => [typeof zlib.gzipSync, beside.where, onlyEsm]);
    const [entry] = await outcomesOf(fn, [[]]);
    expect(resultOf(entry)).toEqual(["function", "beside", "esm"]);
  });

  it("a required module may be in a folder of NODE_PATH, such as a layer's", async () => {
    const layer = mkdtempSync(join(tmpdir(), "fantail-layer-"));
    onTestFinished(() => rmSync(layer, { recursive: true }));
    mkdirSync(join(layer, "of-layer"));
    writeFileSync(join(layer, "of-layer", "index.js"), "exports.where = 'layer';");
    const endpoint = new ScriptedEndpoint([
      shippedLease(
        requires("of-layer")(() => ofLayer.where),
        [[]],
      ),
    ]);
    await (await anEngine({ environment: { NODE_PATH: layer } })).invoke(endpoint);
    expect(resultOf(endpoint.entries().get(0))).toBe("layer");
  });

  it("a required module's binding does not stay for the next task", async () => {
    const before = shippedLease(
      requires("node:zlib")(() => typeof zlib.gzipSync),
      [[]],
    );
    const after = { ...shippedLease(() => typeof zlib, [[]]), tasks: [[1, 1, 0, text([])]] as Grant["tasks"] };
    const endpoint = new ScriptedEndpoint([before, after]);
    await (await anEngine()).invoke(endpoint);
    expect([0, 1].map((index) => resultOf(endpoint.entries().get(index)))).toEqual(["function", "undefined"]);
  });
});

describe("a predicate", () => {
  it.each<[unknown, string]>([
    [false, "unmet"],
    [0, "ok"],
    [null, "ok"],
    ["", "ok"],
    [undefined, "ok"],
  ])("a predicate that returns %j makes the task %s", async (given, status) => {
    const [entry] = await outcomesOf(
      depend(async (answer: unknown) => answer, given)(() => 1),
      [[]],
    );
    expect(entry?.status).toBe(status);
    expect(entry?.error?.module).toBeUndefined();
  });

  it("a predicate is called once per task, however many items its chunk has", async () => {
    const fn = dependent((x: number) => x, () => console.log("asked")); // biome-ignore format: as written
    const entries = await outcomesOf(fn, [[[1], [2], [3]]] as never, { chunked: true });
    expect(entries).toMatchObject([{ status: "ok", stdout: "asked\n" }]);
  });

  it("if a predicate throws, the task fails with its error", async () => {
    const check = () => {
      throw new RangeError("no such device");
    };
    const [entry] = await outcomesOf(
      depend(check)(() => 1),
      [[]],
    );
    expect(entry).toMatchObject({ status: "error", error: { code: "RemoteError", ename: "RangeError" } });
  });
});

describe("an UnmetDependency thrown by a task", () => {
  class NoGpu extends UnmetDependency {}
  const bundled = `async (x) => {
    class UnmetDependency extends Error { code = "UnmetDependency" }
    throw new UnmetDependency("a copy of the class");
  }`;

  it("an UnmetDependency refuses the task, at once or after an await, as a subclass or from another copy of the class", async () => {
    const now = () => {
      throw new UnmetDependency("busy");
    };
    const later = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new UnmetDependency();
    };
    const subclass = () => {
      throw new NoGpu("no gpu");
    };
    expect(await outcomesOf(now, [[]])).toMatchObject([{ status: "unmet", error: { ...unmet, evalue: "busy" } }]);
    expect(await outcomesOf(later, [[]])).toMatchObject([{ status: "unmet", error: unmet }]);
    expect(await outcomesOf(subclass, [[]])).toMatchObject([
      { status: "unmet", error: { ...unmet, evalue: "no gpu" } },
    ]);
    const endpoint = new ScriptedEndpoint([aLease(bundled, [[]])]);
    await (await anEngine()).invoke(endpoint);
    expect(endpoint.entries().get(0)).toMatchObject({ status: "unmet", error: { code: "UnmetDependency" } });
  });

  it("an UnmetDependency thrown by one item refuses the whole chunk", async () => {
    const fn = (x: number) => {
      if (x === 2) throw new UnmetDependency();
      return x;
    };
    const [entry] = await outcomesOf(fn, [[[1], [2], [3]]] as never, { chunked: true });
    expect(entry).toMatchObject({ status: "unmet", error: unmet });
    expect(entry?.value).toBeUndefined();
  });

  it("an UnmetDependency that is returned, or the cause of another error, is not a refusal", async () => {
    const entries = await outcomesOf(
      (kind: string) => {
        if (kind === "returned") return new UnmetDependency();
        throw new Error("x", { cause: new UnmetDependency() });
      },
      [["returned"], ["cause"]],
    );
    expect(entries.map(({ status }) => status)).toEqual(["ok", "error"]);
  });
});
