import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { aFolder, asJavaScript, firstExample, Installation, packed } from "./an-installation.ts";

/** The first half hour of a user with the README and an empty folder. */

const MINUTES_MS = 600_000;
const { folder, remove } = aFolder();
let project: Installation;
beforeAll(async () => {
  const npm = join(execFileSync("npm", ["root", "--global"], { encoding: "utf8" }).trim(), "npm/bin/npm-cli.js");
  project = new Installation(folder, { node: process.execPath, npm });
  await project.install(await packed(folder));
}, MINUTES_MS);
afterAll(remove, MINUTES_MS);

/** Runs a script in the folder, with a client available. Returns its output. */
async function printed(name: string, body: string, imports = ""): Promise<string> {
  project.write(
    name,
    `import { Client } from "fantail-lambda";
${imports}
const client = await Client.local({ engines: 2 });
const view = client.loadBalancedView();
${body}
await client.close();
`,
  );
  return project.node(name);
}

it("a newcomer gets no CDK with the package", () => {
  for (const name of ["aws-cdk", "aws-cdk-lib", "constructs"])
    expect(existsSync(join(project.folder, "node_modules", name))).toBe(false);
});

it("a newcomer runs the first example", { timeout: MINUTES_MS }, async () => {
  project.write("first.mjs", asJavaScript(firstExample()));
  expect(await project.node("first.mjs")).toBe("168 primes below 1000");
});

it("a newcomer moves a function into a file beside the script", { timeout: MINUTES_MS }, async () => {
  project.write("square.mjs", "const factor = 1;\nexport const square = (n) => factor * n * n;\n");
  const body = "console.log(JSON.stringify(await view.map((n) => square(n) + 1, [1, 2, 3])));";
  expect(await printed("helper.mjs", body, 'import { square } from "./square.mjs";')).toBe("[2,5,10]");
});

it("a newcomer uses an npm package in a task", { timeout: MINUTES_MS }, async () => {
  await project.install("semver@7");
  const body = 'console.log(await view.apply((version) => semver.inc(version, "minor"), "1.2.3"));';
  expect(await printed("package.mjs", body, 'import semver from "semver";')).toBe("1.3.0");
});

it("a newcomer sees which item failed, why, and where the error was thrown", {
  timeout: MINUTES_MS,
}, async () => {
  const body = `const fail = (n) => {
  if (n === 2) throw new Error("no even primes");
  return n;
};
try {
  await view.map(fail, [1, 2, 3]);
} catch (error) {
  console.log(error.stack);
}`;
  const said = await printed("failing.mjs", body);
  expect(said).toMatch(/1 of .*items failed/);
  expect(said).toMatch(/\[1\] Error: no even primes/);
  const lines = project.read("failing.mjs").split("\n");
  const line = lines.findIndex((text) => text.includes("throw ")) + 1;
  const column = (lines[line - 1]?.indexOf("new Error") ?? 0) + 1;
  expect(said.split("\n")[1]).toMatch(new RegExp(`^ {4}at fail \\(.*/failing\\.mjs:${line}:${column}\\)$`));
});

it("a newcomer draws a graph of applies, where one takes two results of others", { timeout: MINUTES_MS }, async () => {
  const body = `const one = view.apply(() => 20);
const other = view.apply(() => 22);
const sum = view.apply((a, b) => a + b, one, other);
const twice = await view.apply((n, m) => n + m, sum, sum);
const parts = view.map((n) => n * 2, [1, 2, 3]);
console.log(await sum, twice, await view.apply((list) => list.length, parts));`;
  expect(await printed("graph.mjs", body)).toBe("42 84 3");
});

it("a newcomer uses a scheme and deployed functions of their own", { timeout: MINUTES_MS }, async () => {
  project.write("scheme.mjs", "export const choose = (loads) => loads.length - 1;\n");
  project.write(
    "functions.mjs",
    'import { task } from "fantail-lambda/task";\nexport const where = () => task().engineId;\n',
  );
  project.write(
    "own.mjs",
    `import { Client, deployed } from "fantail-lambda";
const client = await Client.local({
  engines: 2,
  scheme: { entry: "./scheme.mjs", export: "choose" },
  functions: "./functions.mjs",
});
const { where } = deployed();
console.log(await client.loadBalancedView().apply(where));
await client.close();
`,
  );
  expect(await project.node("own.mjs")).toMatch(/^[01]$/);
});

it("a newcomer reads another process's results, on a cluster that outlives both processes", {
  timeout: MINUTES_MS,
}, async () => {
  const fantail = "node_modules/fantail-lambda/dist/client/commands/cli.js";
  await project.node(fantail, "start", "-n", "2", "--data", "kept", "--daemonize");
  try {
    project.write(
      "submit.mjs",
      `import { Client } from "fantail-lambda";
const client = await Client.connect();
console.log(client.loadBalancedView().map((n) => n * n, [1, 2, 3]).taskIds.join(" "));
await client.close();
`,
    );
    project.write(
      "read.mjs",
      `import { Client } from "fantail-lambda";
const client = await Client.connect();
console.log(JSON.stringify(await client.getResult(process.argv.slice(2))));
await client.close();
`,
    );
    const ids = await project.node("submit.mjs");
    expect(await project.node("read.mjs", ...ids.split(" "))).toBe("[1,4,9]");
  } finally {
    await project.node(fantail, "stop");
  }
});
