import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Cloud, startCloud } from "../client/local/index.ts";

/** Measures the embedded S3: CPU time per request on the server's side, and the cost of the idle cloud. Linux only. */

const REQUESTS = Number(process.argv[2] ?? 1_000);
/** Number of concurrent requests, as many as a client makes. */
const AT_ONCE = 8;
const VALUE_BYTES = 100_000;
const PACK_BYTES = 4_000_000;
const RANGE_BYTES = 16_000;
/** The kernel's clock ticks per second, its unit of CPU time. */
const TICKS = 100;

/** CPU time and resident memory of a process. */
interface Usage {
  pid: number;
  name: string;
  cpuMs: number;
  residentMb: number;
}

/** Returns the descendants of a process. */
function processesBelow(pid: number): Usage[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const fields = stat
          .slice(stat.lastIndexOf(")") + 2)
          .split(" ")
          .map(Number);
        const [parent = 0, ticks = 0] = [fields[1], (fields[11] ?? 0) + (fields[12] ?? 0)];
        const argv = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
        const file =
          argv
            .findLast((word) => /\.m?[jt]s$/.test(word))
            ?.split("/")
            .at(-1) ?? "";
        const residentMb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1] ?? 0) / 1024;
        return [{ pid: Number(name), parent, name: file, cpuMs: (ticks * 1_000) / TICKS, residentMb }];
      } catch {
        return []; // The process has ended meanwhile.
      }
    });
  const below = (parent: number): Usage[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

const sum = (usages: Usage[], of: "cpuMs" | "residentMb") => usages.reduce((total, one) => total + one[of], 0);

/** Returns the CPU milliseconds of the process that serves S3. In earlier versions, S3 had a process of its own. */
const cpuOfS3 = () =>
  sum(
    processesBelow(process.pid).filter(({ name }) => /^(?:cloud|s3)-process/.test(name)),
    "cpuMs",
  );

/** Prints the CPU time per request of the process that serves S3. */
async function cpuPerRequest(label: string, request: (at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < 100; at++) await request(at);
  const [before, began] = [cpuOfS3(), performance.now()];
  let next = 0;
  const worker = async () => {
    while (next < REQUESTS) await request(100 + next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const cpu = cpuOfS3() - before;
  const wall = performance.now() - began;
  console.log(`${label.padEnd(28)} ${(cpu / REQUESTS).toFixed(2)} ms of CPU, ${(wall / REQUESTS).toFixed(2)} ms`);
}

async function load(cloud: Cloud): Promise<void> {
  const { region, endpoints, credentials, blobBucket: Bucket } = cloud.connection;
  if (!endpoints || !credentials) throw new Error("an embedded cloud has endpoints and credentials");
  const s3 = new S3Client({
    region,
    endpoint: endpoints.s3,
    credentials: { ...credentials },
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const body = randomBytes(VALUE_BYTES);
  const key = (at: number) => `blobs/${String(at).padStart(64, "0")}`;
  const get = async (Key: string, Range?: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...(Range !== undefined && { Range }) }));
    return Body?.transformToByteArray();
  };
  await cpuPerRequest("PUT 100 KB", (at) => s3.send(new PutObjectCommand({ Bucket, Key: key(at), Body: body })));
  await cpuPerRequest("GET 100 KB", (at) => get(key(at)));
  await s3.send(new PutObjectCommand({ Bucket, Key: key(0), Body: randomBytes(PACK_BYTES) }));
  await cpuPerRequest("GET 16 KB of 4 MB", (at) => {
    const from = (at * RANGE_BYTES) % (PACK_BYTES - RANGE_BYTES);
    return get(key(0), `bytes=${from}-${from + RANGE_BYTES - 1}`);
  });
  s3.destroy();
}

const began = performance.now();
const cloud = await startCloud({ pools: [{ name: "default", count: 1 }] });
console.log(`start                        ${(performance.now() - began).toFixed(0)} ms`);
await sleep(3_000);
const idle = processesBelow(process.pid);
console.log(`start, and idle for 3 s      ${sum(idle, "cpuMs")} ms of CPU`);
console.log(`idle                         ${idle.length} processes, ${sum(idle, "residentMb").toFixed(0)} MB resident`);
for (const { name, residentMb } of idle) console.log(`  ${name.padEnd(26)} ${residentMb.toFixed(0)} MB`);
await load(cloud);
for (const { name, residentMb } of processesBelow(process.pid))
  console.log(`  ${name.padEnd(26)} ${residentMb.toFixed(0)} MB`);
await cloud.close();
