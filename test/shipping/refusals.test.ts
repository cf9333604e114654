import { readFile } from "node:fs";
import { createServer, Socket } from "node:net";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { CaptureError } from "../../lambdas/protocol/errors.ts";

function refusal(fn: unknown, options = {}): CaptureError {
  try {
    shipFunction(fn, options);
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
  throw new Error("it was shipped");
}

const ws = new Socket();
const helper = (text: string) => ws.write(text);
class Account {
  balance = 0;
  add = (by: number) => this.balance + by;
  read() {
    return this.balance;
  }
}
const account = new Account();
const config = { limit: 5, nested: { list: [1, ws] } };
let hits = 0;
const bump = () => {
  hits += 1;
};

const readLater = promisify(readFile);

describe("values that exist only in this process", () => {
  const stream = Readable.from([]);
  const server = createServer();
  const late = Promise.resolve(1);
  const weak = new WeakRef({});
  const iterator = [1].values();
  const proxy = new Proxy(() => 1, {});
  class Matrix extends Array<number> {
    sum = () => 1;
  }
  const matrix = new Matrix();
  const bound = account.read.bind(account);
  test.each<[string, unknown, string, RegExp]>([
    ["a socket of a helper", (text: string) => helper(text), "fn → helper → ws", /Socket.*open it inside the function/],
    ["a socket in an object", () => Object.values(config), "fn → config.nested.list[1]", /Socket/],
    ["a server", () => server.listening, "fn → server", /Server.*open it inside/],
    ["a stream", () => stream.read(), "fn → stream", /Readable.*exists only in this process/],
    ["a promise", async () => late, "fn → late", /promise: await it/],
    ["a WeakRef", () => weak.deref(), "fn → weak", /WeakRef.*capture the object/],
    ["an iterator", () => iterator.next(), "fn → iterator", /iterator: collect/],
    ["a class instance", () => account.balance, "fn → account", /instance of Account.*registerClass\(Account\)/],
    ["an instance of a subclass of Array", () => matrix.sum(), "fn → matrix", /instance of Matrix/],
    ["a Proxy", () => proxy(), "fn → proxy", /Proxy/],
    [
      "a bound function's `this`",
      () => bound(),
      "fn → bound → bound this",
      /instance of Account.*registerClass\(Account\)/,
    ],
  ])(
    "a captured value that exists only in this process is refused with its path and the remedy: %s",
    (_, shipped, path, message) => {
      const error = refusal(Object.defineProperty(shipped as object, "name", { value: "" }));
      expect(error.path).toBe(path);
      expect(error.message).toMatch(message);
      expect(error.code).toBe("CaptureError");
    },
  );

  test("the path of a refused value begins with the function's own name", () => {
    const notify = (text: string) => helper(text);
    expect(refusal(notify).path).toBe("notify → helper → ws");
  });

  test("a field that the function does not use is not examined", () => {
    expect(shipFunction((x: number) => x * config.limit).data).toEqual([[5]]);
  });
});

describe("a function that the engine's copy would betray", () => {
  class Locked {
    #x = 1;
    read() {
      return this.#x;
    }
  }
  const parent = {
    read() {
      return 1;
    },
  };
  const child = {
    __proto__: parent,
    read() {
      return super.toString();
    },
  };
  const surroundings = function (this: { x: number }) {
    return () => this.x;
  }.call({ x: 1 });
  const outer = function (..._: number[]) {
    // biome-ignore lint/complexity/noArguments: the outer arguments are the case
    return () => arguments.length;
  };
  test.each<[string, unknown, string, RegExp]>([
    ["it counts in a variable", (x: number) => [hits++, x], "fn → hits", /assigned to.*return the value/],
    ["a helper counts in a variable", () => bump(), "fn → bump → hits", /assigned to/],
    ["it assigns by a pattern", () => ([hits] = [1]), "fn → hits", /assigned to/],
    ["it uses `this` of its surroundings", surroundings, "fn", /`this`/],
    ["it is an instance's arrow", account.add, "add", /`this`/],
    ["it uses `arguments` of its surroundings", outer(1), "fn → arguments", /copy it there, as in const args/],
    ["it is a method with private names", new Locked().read, "read", /private names/],
    ["it is a method with super", child.read, "read", /super/],
    ["it is a class", Locked, "Locked", /is a class/],
    ["it is made by Node", promisify(readFile), "readFile", /created by Node.*promisify/],
    ["it uses a function made by Node", () => readLater("x"), "fn → readLater", /created by Node.*promisify/],
    ["it calls eval", new Function("return (x) => eval(x)")(), "fn", /eval/],
    ["it is a Proxy", new Proxy(() => 1, {}), "fn", /Proxy/],
    ["it uses import.meta", () => import.meta.url, "fn → __vite_ssr_import_meta__", /import\.meta.*variable outside/],
    [
      "it imports a local module when it runs",
      () => import("./fixtures/geometry.ts"),
      'fn → import("/test/shipping/fixtures/geometry.ts")',
      /local module/,
    ],
  ])("a function whose copy would behave differently on an engine is refused: %s", (_, fn, path, message) => {
    const error = refusal(fn);
    expect(error.path).toBe(path);
    expect(error.message).toMatch(message);
  });

  test("a function with a name that is defined nowhere is refused", () => {
    const fn = new Function("return (x) => x * nowhere")();
    expect(refusal(fn)).toMatchObject({ path: "fn → nowhere", message: expect.stringMatching(/not defined/) });
  });

  test("a function with a package that is not installed is refused", () => {
    const error = refusal(() => import("left-pad-of-nobody" as string));
    expect(error.path).toBe('fn → import("left-pad-of-nobody")');
    expect(error.message).toMatch(/esbuild reported: Could not resolve.*requires/);
  });

  test.each([undefined, null, 1, "x", {}, []])("a value that is not a function is refused: %s", (value) => {
    expect(() => shipFunction(value)).toThrow(TypeError);
  });
});

describe("without capture", () => {
  const factor = 2;
  test("a variable of the surrounding code is refused without capture", () => {
    expect(refusal((x: number) => x * factor, { capture: false })).toMatchObject({ path: "fn → factor" });
    expect(refusal((x: number) => x * factor, { capture: false }).message).toMatch(/pass it as an argument/);
  });

  test("a function that uses no outer names is shipped without capture", () => {
    expect(shipFunction((x: number) => Math.sqrt(x), { capture: false }).data).toBeUndefined();
  });
});

describe("a credential", () => {
  const apiKey = "q7f3Kd91xTzB4mVw";
  const dbPassword = Buffer.from("hunter2");
  const settings = { url: "https://x", auth: { token: "Bearer 8d1c4fe2a90b7735" } };
  const plain = ["AKIAIOSFODNN7EXAMPLE"];
  const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIB";
  const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
  const aws = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12";
  const database = "postgres://me:pw@db.example/x";
  const azure = "DefaultEndpointsProtocol=https;AccountKey=q7f3Kd91xTzB4mVw;";
  test.each<[string, () => unknown, string]>([
    ["by its name", () => apiKey, "fn → apiKey"],
    ["by its name, as a Buffer", () => dbPassword, "fn → dbPassword"],
    ["by its field", () => Object.keys(settings), "fn → settings.auth.token"],
    ["as an AWS key id", () => plain, "fn → plain[0]"],
    ["as a private key", () => pem, "fn → pem"],
    ["as a web token", () => jwt, "fn → jwt"],
    ["as an AWS secret", () => aws, "fn → aws"],
    ["as a URL with a password", () => database, "fn → database"],
    ["as a connection string", () => azure, "fn → azure"],
  ])("a credential is refused: %s", (_, fn, path) => {
    const error = refusal(Object.defineProperty(fn, "name", { value: "" }));
    expect(error.path).toBe(path);
    expect(error.message).toMatch(/allowSecrets/);
    expect(error.message).not.toContain("hunter2");
  });

  test("the refusal of a credential says how to allow it", () => {
    expect(refusal(Object.defineProperty(() => apiKey, "name", { value: "" })).message).toBe(
      'fn → apiKey: apiKey looks like a credential by its name and would be stored with the task. Read it on the engine (process.env, or a secrets service), or allow it with { allowSecrets: ["apiKey"] }',
    );
  });

  test("a credential may be allowed by name, by accessor, or by path", () => {
    expect(shipFunction(() => apiKey, { allowSecrets: ["apiKey"] }).data).toEqual([["q7f3Kd91xTzB4mVw"]]);
    const fn = () => Object.keys(settings);
    for (const allowed of ["token", "settings.auth.token", "fn → settings.auth.token"]) {
      expect(() => shipFunction(fn, { allowSecrets: [allowed] })).not.toThrow();
    }
    expect(() => shipFunction(fn, { allowSecrets: ["apiKey"] })).toThrow(CaptureError);
  });

  test.each<[string, string]>([
    ["token", "the"],
    ["pad_token", "[PAD]"],
    ["eosToken", "</s>"],
    ["auth", "basic"],
    ["authorization", "required"],
    ["password", "#password"],
    ["password", "password"],
    ["apiKey", "<your-api-key-goes-here-1>"],
    ["apiKey", "$" + "{API_KEY_NUMBER_12}"],
    ["secret", "xxxxxxxxxxxxxxxx1"],
    ["token", "the end of the 2nd sentence"],
  ])("a text that cannot be a credential is not refused: %s = %s", (name, text) => {
    const held = { [name]: text };
    expect(shipFunction(() => Object.keys(held)).data).toEqual([[held]]);
  });

  test("numbers and words that only begin like a credential are not refused", () => {
    const tokens = 5;
    const tokenizer = "gpt";
    const maxTokens = 9;
    const author = "me";
    expect(shipFunction(() => [tokens, tokenizer, maxTokens, author]).data).toEqual([[5, "gpt", 9, "me"]]);
  });
});
