import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { BucketStore } from "../../client/local/s3/store/bucket-store.ts";
import { contentOf } from "./random-objects.ts";

const KILLS = 12;

/** Runs the writer until it has begun `writes` writes, kills it, and returns its output. */
async function killedAfter(folder: string, seed: number, writes: number): Promise<string[]> {
  const file = fileURLToPath(new URL("bucket-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, folder, String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    // As far as an outsider can tell, this is in the middle of a write.
    if (said.split("begin ").length > writes) child.kill("SIGKILL");
  });
  await once(child, "close");
  return said.split("\n").filter((line) => line !== "");
}

interface Version {
  version: number;
  size: number;
}

test("whenever a writer is killed, each object is one whole version, the last that was acknowledged or a later one", {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-s3-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const acknowledged = new Map<string, Version>();
  let versions = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const begun = new Map<string, Version[]>();
    let last: { key: string; version: Version } | undefined;
    for (const line of await killedAfter(folder, kill, kill * 3)) {
      const [, key, version, size] = /^begin (.*)\t(\d+)\t(\d+)$/.exec(line) ?? [];
      if (key !== undefined) {
        last = { key, version: { version: Number(version), size: Number(size) } };
        begun.set(key, [...(begun.get(key) ?? []), last.version]);
      } else if (line === "end" && last) {
        acknowledged.set(last.key, last.version);
        begun.delete(last.key);
        versions++;
      }
    }
    const bucket = new BucketStore(folder);
    expect(readdirSync(join(folder, "passing"))).toEqual([]);
    const { objects } = await bucket.list({ prefix: "", delimiter: "", after: undefined, most: 1_000 });
    for (const { key } of objects) {
      const opened = bucket.open(key);
      if (!opened) throw new Error(`${key} was listed and cannot be opened`);
      const { facts, fd } = opened;
      const file = readFileSync(fd).subarray(0, facts.size);
      closeSync(fd);
      const version = Number(facts.headers["x-amz-meta-version"]);
      expect(file.equals(contentOf(version, facts.size))).toBe(true);
      const allowed = [acknowledged.get(key), ...(begun.get(key) ?? [])].map((one) => one?.version);
      expect(allowed).toContain(version);
      // A write that was killed between rename and confirmation counts from now on.
      acknowledged.set(key, { version, size: facts.size });
    }
    expect(new Set(objects.map(({ key }) => key))).toEqual(new Set(acknowledged.keys()));
  }
  expect(versions).toBeGreaterThan(KILLS);
});
