import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build, buildSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { decodeValue } from "../../lambdas/protocol/codec.ts";
import type { ReportedEntry } from "../../lambdas/protocol/report-messages.ts";
import { aLease, anEngine, text } from "./an-engine.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";
import { helperThatThrows } from "./throwing-helper.ts";

interface Unit {
  name: string;
  source: string;
  hash: string;
  data?: string;
}

/** Runs a shipped function in a real worker, once for each list of arguments. */
async function ran(unit: Unit, calls: unknown[][] = [[]]): Promise<ReportedEntry[]> {
  const { name, source, hash, data } = unit;
  const body = brotliCompressSync(source).toString("base64");
  const reference = { code: hash, at: "table" as const, name, ...(data === undefined ? {} : { data }) };
  const engine = await anEngine();
  const endpoint = new ScriptedEndpoint([
    aLease("() => 0", calls, { functions: [reference], units: [{ hash, body }] }),
  ]);
  await engine.invoke(endpoint);
  return [...endpoint.entries().values()];
}

function shipped(fn: (...args: never[]) => unknown): Unit {
  const { name, source, hash, data } = shipFunction(fn);
  return { name, source, hash, ...(data === undefined ? {} : { data: text(data) }) };
}

/** Returns the frames of a stack as `[function, file, line, column]`. */
function frames(stack: string | undefined): (string | number)[][] {
  return (stack ?? "").split("\n").flatMap((line) => {
    const found = /^ {4}at (?:(.*) \()?(.*?):(\d+):(\d+)\)?$/.exec(line);
    return found ? [[found[1] ?? "", found[2] ?? "", Number(found[3]), Number(found[4])]] : [];
  });
}

/** Returns the position of a piece of text in a file; line and column begin at 1. */
function placeOf(file: string, piece: string): [string, number, number] {
  const lines = readFileSync(file, "utf8").split("\n");
  const line = lines.findIndex((one) => one.includes(piece));
  return [file, line + 1, (lines[line]?.indexOf(piece) ?? 0) + 1];
}

const HERE = fileURLToPath(import.meta.url);
const HELPER = fileURLToPath(new URL("./throwing-helper.ts", import.meta.url));

class Account {
  balance = 0;
  withdraw(sum: number) {
    if (sum > this.balance) throw new RangeError("over" + "drawn");
    this.balance -= sum;
  }
}

class Checker {
  static [`of${1}`](sum: number) {
    return new Checker().check(sum, true);
  }
  static readonly limits = new Map([
    ["low", 1],
    ["high", 2],
  ]);
  static #count = 3;
  static {
    Checker.#count++;
  }
  declare static of1: (sum: number) => number;
  check(sum: number, isStrict: boolean) {
    if (isStrict && sum < Checker.#count) throw new RangeError("checked");
    return sum;
  }
}

describe("the first frames of an error are the user's own", () => {
  it("an error's first frames are the user's, in the function, helpers of other files, and methods of classes", async () => {
    const fn = (how: string) => {
      if (how === "helper") return helperThatThrows({ depth: 2 });
      new Account().withdraw(1);
      return how;
    };
    const [byHelper, byMethod] = await ran(shipped(fn), [["helper"], ["method"]]);
    const inHelper = frames(byHelper?.error?.traceback);
    expect(inHelper[0]).toEqual(["helperThatThrows", ...placeOf(HELPER, 'new TypeError("too deep")')]);
    expect(inHelper[1]?.slice(1, 3)).toEqual(placeOf(HELPER, "return helperThatThrows").slice(0, 2));
    expect(inHelper.at(-1)).toEqual(["fn", ...placeOf(HERE, "helperThatThrows({ depth: 2 })")]);
    const [inMethod, inFunction] = frames(byMethod?.error?.traceback);
    expect(inMethod).toEqual(["Account.withdraw", ...placeOf(HERE, 'new RangeError("over"')]);
    expect(inFunction?.slice(1, 3)).toEqual(placeOf(HERE, "new Account().withdraw(1)").slice(0, 2));
  });

  it("the first frames are the user's for causes, each error of an AggregateError, and uncaught errors too", async () => {
    const fn = async (how: string) => {
      const inner = new Error("the cause");
      if (how === "cause") throw new Error("outer", { cause: inner });
      if (how === "several") throw new AggregateError([new Error("one"), new RangeError("two of several")], "both");
      if (how === "unencodable") throw Object.assign(new Error("odd", { cause: inner }), { socket: () => 1 });
      return inner;
    };
    const [cause, several, odd, value] = await ran(shipped(fn), [["cause"], ["several"], ["unencodable"], ["value"]]);
    const thrown = (entry: ReportedEntry | undefined) => decodeValue(entry?.error?.thrown as string) as AggregateError;
    const home = placeOf(HERE, 'new Error("the cause")');
    expect(frames((thrown(cause).cause as Error).stack)[0]?.slice(1)).toEqual(home);
    expect(frames((thrown(odd).cause as Error).stack)[0]?.slice(1)).toEqual(home);
    const place = placeOf(HERE, 'new RangeError("two of several")');
    expect(frames(thrown(several).errors[1]?.stack)[0]?.slice(1)).toEqual(place);
    expect(frames((decodeValue(value?.value as string) as Error).stack)[0]?.slice(1)).toEqual(home);
  });

  it("an error's stack has no frames of the engine's or Node's own", async () => {
    const fn = async (depth: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve));
      if (depth > 0) return (await fn(depth - 1)) + 1;
      throw new Error("at the bottom");
    };
    const [entry] = await ran(shipped(fn), [[2]]);
    const found = frames(entry?.error?.traceback);
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found.map(([, file]) => file))).toEqual(new Set([HERE]));
    expect(entry?.error?.traceback).not.toMatch(/fantail:|worker\.mjs|node:internal/);
    const [atOnce] = await ran(
      shipped(() => {
        throw new Error("at once");
      }),
    );
    expect(frames(atOnce?.error?.traceback).map(([, file]) => file)).toEqual([HERE]);
  });

  it("the first frames are the user's for errors thrown in timers", async () => {
    const fn = () =>
      new Promise(() => {
        setTimeout(() => {
          throw new Error("in a timer");
        });
      });
    const [entry] = await ran(shipped(fn));
    expect(entry?.error?.evalue).toMatch(/an uncaught exception: Error: in a timer/);
    expect(frames(entry?.error?.traceback)[0]?.slice(1)).toEqual(placeOf(HERE, 'new Error("in a timer")'));
  });

  it("frames of Node are kept only if the function itself called them", async () => {
    const [entry] = await ran(shipped(() => Buffer.alloc("much" as unknown as number)));
    const files = frames(entry?.error?.traceback).map(([, file]) => file);
    expect([...new Set(files)]).toEqual(["node:buffer", HERE]);
  });

  it("the first frames are the user's in classes whose static fields and computed keys were removed", async () => {
    const fn = (sum: number) => Checker.of1(sum);
    const [entry] = await ran(shipped(fn), [[2]]);
    const [inCheck, inStatic] = frames(entry?.error?.traceback);
    expect(inCheck).toEqual(["Checker.check", ...placeOf(HERE, 'new RangeError("checked")')]);
    expect(inStatic?.slice(1)).toEqual(placeOf(HERE, "check(sum, true)"));
  });

  it("the first frames are the user's in printed errors too", async () => {
    const fn = () => console.error(new Error("printed"));
    const [entry] = await ran(shipped(fn));
    expect(frames(entry?.stderr)[0]?.slice(1)).toEqual(placeOf(HERE, 'new Error("printed")'));
  });

  it("the first frames are the user's whatever form the function has", async () => {
    const forms = {
      method() {
        throw new Error("in a method");
      },
      async *["gener" + "ator"]() {
        yield 1;
        throw new Error("in a generator");
      },
      get accessed() {
        return function named(this: unknown) {
          throw new Error("in a function expression");
        };
      },
      arrow: async () => {
        throw new Error("in an arrow");
      },
    };
    const all = [forms.method, forms.generator, forms.accessed, forms.arrow];
    for (const [at, words] of ["a method", "a generator", "a function expression", "an arrow"].entries()) {
      const [entry] = await ran(shipped(all[at] as () => unknown));
      expect(frames(entry?.error?.traceback)[0]?.slice(1)).toEqual(placeOf(HERE, `new Error("in ${words}")`));
    }
  });

  it("the lines that Node writes before the messages of its own errors are kept", async () => {
    const fn = (how: string) => (how === "node" ? Buffer.from(1 as never) : JSON.parse("{"));
    const [ofNode, ofV8] = await ran(shipped(fn), [["node"], ["v8"]]);
    expect(ofNode?.error?.traceback).toMatch(/^TypeError \[ERR_INVALID_ARG_TYPE\]: The first argument/);
    expect(ofV8?.error?.traceback).toMatch(/^SyntaxError: /);
  });
});

const PROGRAM = `
interface Row { id: number }

const check = (row: Row): number => {
  if (row.id > 1) throw new RangeError("no such row");
  return row.id;
};

export const main = async (id: number): Promise<number> => {
  await null;
  return check({ id });
};
`;
const PRINT_SHIPPED = "console.log(JSON.stringify({ ...shipFunction(main), data: undefined }));";

describe("files are found however they were loaded", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fantail-home-")));
  const ship = join(folder, "ship.mjs");
  const entry = fileURLToPath(new URL("../../client/shipping/ship-function.ts", import.meta.url));
  const bundled = build({
    entryPoints: [entry],
    outfile: ship,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["esbuild"],
  });
  const program = (imports: string) => `${imports}\n${PROGRAM}\n${PRINT_SHIPPED}\n`;
  const plain = (source: string) =>
    source.replace(/interface .*/, "").replace(/: (Row|Promise<number>|number)(?=\)| =>)/g, "");
  const write = (name: string, source: string) => {
    writeFileSync(join(folder, name), source);
    return join(folder, name);
  };
  const tsx = fileURLToPath(new URL("../../node_modules/tsx/dist/loader.mjs", import.meta.url));

  const ways: [string, () => { run: string[]; file: string }][] = [
    [
      "a module",
      () => {
        const file = write("a.mjs", plain(program('import { shipFunction } from "./ship.mjs";')));
        return { run: [file], file };
      },
    ],
    [
      "TypeScript by tsx",
      () => {
        const file = write("b.mts", program('import { shipFunction } from "./ship.mjs";'));
        return { run: ["--import", tsx, file], file };
      },
    ],
    [
      "a bundle with a map beside it",
      () => {
        const file = write("c.ts", program('import { shipFunction } from "./ship.mjs";'));
        const outfile = join(folder, "out", "c.mjs");
        buildSync({
          entryPoints: [file],
          outfile,
          bundle: true,
          minify: true,
          sourcemap: true,
          format: "esm",
          platform: "node",
          external: ["./ship.mjs"],
        });
        write("out/ship.mjs", 'export * from "../ship.mjs";');
        return { run: [outfile], file };
      },
    ],
    [
      "a bundle with its map inside",
      () => {
        const file = write("d.ts", program('import { shipFunction } from "./ship.mjs";'));
        const outfile = join(folder, "d.out.mjs");
        buildSync({
          entryPoints: [file],
          outfile,
          bundle: true,
          sourcemap: "inline",
          format: "esm",
          platform: "node",
          external: ["./ship.mjs"],
        });
        return { run: [outfile], file };
      },
    ],
  ];
  for (const [way, made] of ways)
    it(way, async () => {
      await bundled;
      const { run, file } = made();
      const unit = JSON.parse(execFileSync(process.execPath, run, { encoding: "utf8", cwd: folder })) as Unit;
      const [entry] = await ran(unit, [[2]]);
      const [inHelper, inMain] = frames(entry?.error?.traceback);
      expect(inHelper?.slice(1)).toEqual(placeOf(file, 'new RangeError("no such row")'));
      expect(inMain?.slice(1)).toEqual(placeOf(file, "check({ id })"));
    });
});

it("the table of source positions is short", () => {
  const fn = (x: number) => {
    if (x > 1) throw new RangeError("large");
    return x;
  };
  const { source } = shipFunction(fn);
  expect(source.slice(source.indexOf("//# origins=")).length).toBeLessThan(250 + HERE.length);
});
