import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as sources from "../../client/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const CLIENT = JSON.stringify(pathToFileURL(join(root, "dist/client/index.js")).href);

const Coverage = v.object({ result: v.array(v.object({ url: v.string() })) });
const SourceMap = v.object({ sources: v.array(v.string()) });

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fantail-loaded-"));
  await run(process.execPath, [".scripts/ready.mjs"], { cwd: root });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the packages that a run of the built code loads parts of, and the number of files that it loads. */
async function loadedBy(...argv: string[]): Promise<{ packages: string[]; files: number }> {
  const coverage = mkdtempSync(join(folder, "coverage-"));
  await run(process.execPath, argv, { env: { ...process.env, NODE_V8_COVERAGE: coverage }, cwd: folder });
  const [file = ""] = readdirSync(coverage);
  const { result } = v.parse(Coverage, JSON.parse(readFileSync(join(coverage, file), "utf8")));
  const urls = result.map(({ url }) => url).filter((url) => url.startsWith("file:") && url.includes("/dist/"));
  const packages = new Set<string>();
  for (const url of urls)
    for (const source of partsOf(fileURLToPath(url))) {
      const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
      if (name !== undefined) packages.add(name);
    }
  return { packages: [...packages].sort(), files: urls.length };
}

/** Returns the sources of a built file, from its source map. */
function partsOf(file: string): string[] {
  return existsSync(`${file}.map`) ? v.parse(SourceMap, JSON.parse(readFileSync(`${file}.map`, "utf8"))).sources : [];
}

/** Starts an AWS service that refuses every request. */
async function aRefusingService(): Promise<{ server: Server; endpoint: string }> {
  const server = createServer((_, response) => {
    response.writeHead(400, { "content-type": "application/json", "x-amzn-errortype": "AccessDeniedException" });
    response.end("{}");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function script(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const LATER = /^(?:@aws-sdk|@smithy|esbuild$|cli-progress$|commander$|dynalite$)/;

describe("loaded packages", { timeout: 60_000 }, () => {
  it("an import of the client loads a few files, and neither the SDK, nor esbuild, nor the progress bar", async () => {
    const { packages, files } = await loadedBy(script("import.mjs", `await import(${CLIENT});`));
    expect(packages.filter((name) => LATER.test(name))).toEqual([]);
    expect(packages).toContain("valibot");
    expect(files).toBeLessThanOrEqual(40);
  });

  it("the command's help loads only the parser of its options", async () => {
    const { packages, files } = await loadedBy(join(root, "dist/client/commands/cli.js"), "--help");
    expect(packages.filter((name) => LATER.test(name))).toEqual(["commander"]);
    expect(packages).not.toContain("acorn");
    expect(files).toBeLessThanOrEqual(40);
  });

  it("connecting loads only the SDK's clients of Lambda and DynamoDB", async () => {
    const { server, endpoint } = await aRefusingService();
    const connection = {
      region: "us-east-1",
      endpoints: { lambda: endpoint, dynamodb: endpoint, s3: endpoint },
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      ...{ scheduler: "s", taskTable: "t", engineTable: "e", blobBucket: "b", pools: [], scheme: "lru", hwm: 1 },
    };
    const urlFile = JSON.stringify(script("connection.json", JSON.stringify(connection)));
    const text = `const { Client } = await import(${CLIENT});
      await Client.connect({ urlFile: ${urlFile} }).catch((error) => { if (!/AccessDenied/.test(error)) throw error; });`;
    try {
      const { packages } = await loadedBy(script("connect.mjs", text));
      expect(packages.filter((name) => name.startsWith("@aws-sdk/client-"))).toEqual([
        "@aws-sdk/client-dynamodb",
        "@aws-sdk/client-lambda",
      ]);
      expect(packages).not.toContain("cli-progress");
    } finally {
      server.close();
    }
  });
});

it("a search for a stack prints no warning of the SDK", { timeout: 60_000 }, async () => {
  const { server, endpoint } = await aRefusingService();
  const text = `const { Client } = await import(${CLIENT});
    await Client.connect({ stack: "Mine", region: "us-east-1", endpoint: "${endpoint}" }).catch(() => {});`;
  const env = { ...process.env, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  try {
    const { stderr } = await run(process.execPath, [script("search.mjs", text)], { env, cwd: folder });
    expect(stderr).toBe("");
  } finally {
    server.close();
  }
});

it("the built package exports the same as the sources, and its classes and functions have the same names", async () => {
  const expected: Record<string, unknown> = sources;
  const built: Record<string, unknown> = await import(pathToFileURL(join(root, "dist/client/index.js")).href);
  expect(Object.keys(built)).toEqual(Object.keys(sources).sort());
  const nameOf = (value: unknown) => (typeof value === "function" ? value.name : undefined);
  for (const [name, value] of Object.entries(built)) expect(nameOf(value)).toBe(nameOf(expected[name]));
});
