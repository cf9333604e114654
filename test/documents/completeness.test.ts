import { readdirSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import type { FantailProps } from "../../cdk/index.ts";
import * as api from "../../client/index.ts";
import { readDocument, root } from "./document.ts";

type AllOf<T> = Record<keyof T, true>;

/**
 * The compiler compares this with the types: a new flag or prop must be added here, and the test then requires it in
 * the documents.
 */
const FLAGS: AllOf<api.Flags> = {
  after: true,
  follow: true,
  targets: true,
  timeoutMs: true,
  runTimeoutMs: true,
  deadlineMs: true,
  retries: true,
  retryOn: true,
  backoff: true,
  priority: true,
  label: true,
  idempotencyKey: true,
  chunkSize: true,
  ordered: true,
  returnExceptions: true,
  maxOutstanding: true,
  scheme: true,
  memoryMb: true,
  budgetUsd: true,
  escalate: true,
  waitForNew: true,
  capture: true,
  allowSecrets: true,
  signal: true,
};
const PROPS: AllOf<Omit<FantailProps, "engines">> = {
  scheme: true,
  hwm: true,
  functions: true,
  codeShipping: true,
  removalPolicy: true,
  logLevel: true,
  logRetention: true,
  pointInTimeRecovery: true,
  tenant: true,
  retentionDays: true,
  blobExpiryDays: true,
  encryptionKey: true,
  reservedConcurrency: true,
  monitoring: true,
  metricsNamespace: true,
  tags: true,
};
const POOL: AllOf<FantailProps["engines"][number]> = {
  name: true,
  count: true,
  memoryMb: true,
  architecture: true,
  timeoutSeconds: true,
  burst: true,
  reservedConcurrency: true,
  layers: true,
  environment: true,
  modules: true,
  vpc: true,
  vpcSubnets: true,
  securityGroups: true,
};

const readSource = (path: string) => readFileSync(`${root}${path}`, "utf8");
const guide = readDocument("docs/guide.md").text;
const deploying = readDocument("docs/deploying.md").text;

test("the guide describes every flag, with a default and an example", () => {
  const flags = guide.slice(guide.indexOf("## Flags"), guide.indexOf("## What a function may use"));
  const entry = (name: string) => flags.split(/\n(?=- |#)/).find((text) => text.startsWith(`- \`${name}\`: `)) ?? "";
  const incomplete = Object.keys(FLAGS).filter((name) => !/Default/.test(entry(name)) || !/Example/.test(entry(name)));
  expect(incomplete).toEqual([]);
});

test("the guide has every error class", () => {
  const errors = Object.entries(api).filter(
    ([, value]) => typeof value === "function" && value.prototype instanceof Error,
  );
  expect(errors.length).toBeGreaterThan(20);
  const listed = guide.slice(guide.indexOf("## Errors"));
  expect(errors.map(([name]) => name).filter((name) => !listed.includes(`\`${name}\``))).toEqual([]);
});

test("the guide or the tutorial has every value that the package exports", () => {
  const text = guide + readDocument("docs/tutorial.md").text;
  expect(Object.keys(api).filter((name) => !text.includes(name))).toEqual([]);
});

test("the guide has the name of every span, and of its attributes", () => {
  const sources = ["client/submit/submission-trace.ts", "lambdas/engine/worker/lease-trace.ts"].map(readSource);
  const names = sources.flatMap((source) => source.match(/"fantail[ .][a-z]+"/g) ?? []);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !guide.includes(`\`${name.slice(1, -1)}\``))).toEqual([]);
});

test("the page on deploying has every prop of the construct and of its pools", () => {
  const missing = [...Object.keys(PROPS), ...Object.keys(POOL)].filter((name) => !deploying.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});

test("the page on deploying has every command with its own options", async () => {
  const ofEvery = new Set(["--output", "--stack", "--tenant", "--region", "--aws-profile", "--endpoint", "--profile"]);
  const names = readdirSync(`${root}client/commands`).flatMap((file) => /^(.+)-command\.ts$/.exec(file)?.[1] ?? []);
  const missing: string[] = [];
  for (const name of names) {
    const module = (await import(`../../client/commands/${name}-command.ts`)) as Record<string, () => Command>;
    const command = module[`${name}Command`]?.();
    if (command === undefined) continue;
    if (!deploying.includes(`fantail ${command.name()}`)) missing.push(command.name());
    const entry = deploying
      .split(/\n(?=- |#)/)
      .find((text) => text.startsWith("- ") && text.includes(`fantail ${command.name()}`));
    const own = command.options.filter(({ long }) => long && !ofEvery.has(long));
    for (const { long, short } of own)
      if (![long, short].some((option) => option && entry?.includes(`\`${option}\``)))
        missing.push(`${command.name()} ${long}`);
  }
  expect(missing).toEqual([]);
});
