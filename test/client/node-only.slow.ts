import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const INDEX = JSON.stringify(new URL("../../client/index.ts", import.meta.url).href);
const SHIPPING = JSON.stringify(new URL("../../client/shipping/ship-function.ts", import.meta.url).href);

/** Returns what a script prints in a process disguised as another runtime. */
async function said(disguise: string): Promise<unknown> {
  const code = `${disguise};
    const { Client, FantailError } = await import(${INDEX});
    const { shipFunction } = await import(${SHIPPING});
    const told = [];
    const keep = (error) => told.push([error instanceof FantailError, error.message]);
    await Client.local().catch(keep);
    try { shipFunction(() => 1); } catch (error) { keep(error); }
    console.log(JSON.stringify(told));`;
  const words = ["--import", "tsx", "--input-type=module", "--eval", code];
  return JSON.parse((await promisify(execFile)(process.execPath, words)).stdout);
}

test.each([
  ["Bun", 'Object.defineProperty(process.versions, "bun", { value: "1.2.0" })'],
  ["Deno", 'globalThis.Deno = { version: { deno: "2.0.0" } }'],
])("under %s, features that need Node.js are refused with an alternative", async (name, disguise) => {
  expect(await said(disguise)).toEqual([
    [true, expect.stringContaining(`Client.local works only on Node.js, not on ${name}: run the script with node`)],
    [true, expect.stringContaining(`Sending a function works only on Node.js, not on ${name}`)],
  ]);
});
