import * as v from "valibot";
import { type ClusterSettings, schemeName } from "../../../lambdas/protocol/cluster-settings.ts";
import { OUTPUT_NAMES, type OutputName, outputKey } from "../../../lambdas/protocol/stack-outputs.ts";
import { checkEnvironmentSize, FEWER_POOLS, LONGEST_NAME } from "./environment-size.ts";
import { poolDescription, reservedFor, sharedVariables, statedIn, statedInside } from "./pool-facts.ts";
import { type CellTarget, type PoolCopy, SeedNames } from "./seed-names.ts";
import { SEED, type StackOutput, type StackResource, type StackSeed } from "./stack-template.ts";

type Pool = ClusterSettings["engines"][number];

/** S3 keys of the functions' code. Default: the seed's code. */
export interface StackCode {
  scheduler?: string | undefined;
  /** Keys of the engine functions' code, by pool name. */
  engines: ReadonlyMap<string, string>;
}

/** The resources and outputs of one cluster. */
interface Cell {
  resources: Record<string, StackResource>;
  outputs: Record<string, StackOutput>;
}

const FunctionProperties = v.looseObject({
  Code: v.record(v.string(), v.unknown()),
  Environment: v.looseObject({ Variables: v.record(v.string(), v.unknown()) }),
});
const PolicyProperties = v.looseObject({
  PolicyDocument: v.looseObject({ Statement: v.array(v.record(v.string(), v.unknown())) }),
});

/** Derives the resources and outputs of one cluster from the seed. */
export function deriveCell(seed: StackSeed, settings: ClusterSettings, code: StackCode, place: CellTarget): Cell {
  const names = new SeedNames(seed, place);
  const resources: Record<string, StackResource> = {};
  const add: Add = (id, edited = (resource) => resource, copy) => {
    const resource = seed.resources[id];
    // Rename before editing: edits insert the user's own values, which must stay unchanged.
    if (resource) resources[names.idOf(id, copy)] = edited(names.renamed(resource, copy));
  };
  let arePoolsIn = false;
  for (const [id, resource] of Object.entries(seed.resources)) {
    const [part, kind] = names.partOf(id);
    const isFunction = resource.Type === "AWS::Lambda::Function";
    if (part === `Engine-${SEED.pool}`) {
      if (!arePoolsIn) for (const pool of settings.engines) addPool({ seed, pool, settings, code, names, add });
      arePoolsIn = true;
    } else if (part === "Scheduler" || part === "Report") {
      if (isFunction) add(id, (fn) => configuredFunction(fn, settings, code, names));
      else if (kind === "Policy") add(id, (policy) => configuredPolicy(policy, settings, names));
      else add(id);
    } else add(id);
  }
  return { resources, outputs: outputsOf(seed, settings, names, place) };
}

/** Adds a resource of the seed to the cell, after `edited` has changed it. */
type Add = (id: string, edited?: (resource: StackResource) => StackResource, copy?: PoolCopy) => void;

interface PoolToAdd {
  seed: StackSeed;
  pool: Pool;
  settings: ClusterSettings;
  code: StackCode;
  names: SeedNames;
  add: Add;
}

function addPool({ seed, pool, settings, code, names, add }: PoolToAdd): void {
  for (const [id, resource] of Object.entries(seed.resources)) {
    const [part] = names.partOf(id);
    if (part !== `Engine-${SEED.pool}`) continue;
    for (let at = 0; at < (names.isCopied(id) ? pool.burst : 1); at++) {
      const isFunction = resource.Type === "AWS::Lambda::Function";
      const edited = isFunction ? (one: StackResource) => engineFunction(one, pool, at, settings, code) : undefined;
      add(id, edited, { pool: pool.name, at });
    }
  }
}

function engineFunction(
  resource: StackResource,
  pool: Pool,
  at: number,
  settings: ClusterSettings,
  { engines }: StackCode,
): StackResource {
  const { layers = [], reservedConcurrency } = pool;
  const { Code, Environment } = v.parse(FunctionProperties, resource.Properties);
  const Variables = {
    ...pool.environment,
    ...Environment.Variables,
    ...sharedVariables(settings),
    FANTAIL_POOL: pool.name,
  };
  checkEnvironmentSize(Variables, `engines ${pool.name}: environment`);
  const key = engines.get(pool.name);
  return withProperties(resource, {
    Architectures: [pool.architecture],
    Code: { ...Code, ...(key !== undefined && { S3Key: key }) },
    Description: poolDescription(pool),
    Environment: { Variables },
    MemorySize: pool.memoryMb,
    Timeout: pool.timeoutSeconds,
    ...(layers.length > 0 && { Layers: layers }),
    ...(reservedConcurrency !== undefined && {
      ReservedConcurrentExecutions: reservedFor(at, pool, reservedConcurrency),
    }),
  });
}

function configuredFunction(
  resource: StackResource,
  settings: ClusterSettings,
  { scheduler }: StackCode,
  names: SeedNames,
): StackResource {
  const { engines, scheme, hwm } = settings;
  const { Code, Environment } = v.parse(FunctionProperties, resource.Properties);
  const pools = (nameOf: (id: string) => string) =>
    JSON.stringify(engines.map((pool) => statedInside(pool, names.functionsOf(pool).map(nameOf))));
  const Variables = {
    ...Environment.Variables,
    FANTAIL_SCHEME: schemeName(scheme),
    FANTAIL_HWM: String(hwm),
    ...sharedVariables(settings),
  };
  checkEnvironmentSize(
    { ...Variables, FANTAIL_POOLS: pools(() => LONGEST_NAME) },
    "engines: the list of pools",
    FEWER_POOLS,
  );
  return withProperties(resource, {
    Code: { ...Code, ...(scheduler !== undefined && { S3Key: scheduler }) },
    Environment: { Variables: { ...Variables, FANTAIL_POOLS: joined(pools((id) => `@${id}@`)) } },
  });
}

/**
 * Points the policy's permission to invoke engines at this cluster's engine functions. Other statements stay as they
 * are.
 */
function configuredPolicy(resource: StackResource, { engines }: ClusterSettings, names: SeedNames): StackResource {
  const { PolicyDocument } = v.parse(PolicyProperties, resource.Properties);
  const arns = engines.flatMap((pool) => names.functionsOf(pool)).map((id) => ({ "Fn::GetAtt": [id, "Arn"] }));
  const Statement = PolicyDocument.Statement.map((statement) =>
    statement.Action === "lambda:InvokeFunction"
      ? { ...statement, Resource: arns.length === 1 ? arns[0] : arns }
      : statement,
  );
  return withProperties(resource, { PolicyDocument: { Statement, Version: PolicyDocument.Version } });
}

const Name = v.picklist(OUTPUT_NAMES);

function outputsOf(
  seed: StackSeed,
  { engines, scheme, hwm }: ClusterSettings,
  names: SeedNames,
  { tenant }: CellTarget,
): Record<string, StackOutput> {
  const values: Partial<Record<OutputName, string>> = {
    Scheme: schemeName(scheme),
    Hwm: String(hwm),
    Pools: JSON.stringify(engines.map(statedIn)),
  };
  const given = new Map<string, string>(Object.entries(values));
  return Object.fromEntries(
    Object.entries(seed.outputs).map(([name, output]) => {
      const { Value } = names.renamed(output);
      return [outputKey(v.parse(Name, name), tenant), { ...output, Value: given.get(name) ?? Value }];
    }),
  );
}

/**
 * Returns an `Fn::Join` that replaces each `@ID@` in a text by the name of the resource with this id. Names of pools
 * contain no `@`.
 */
function joined(text: string): unknown {
  return { "Fn::Join": ["", text.split("@").map((part, at) => (at % 2 === 0 ? part : { Ref: part }))] };
}

/** Merges properties and sorts them by name, as the CDK does. */
function withProperties(resource: StackResource, properties: Record<string, unknown>): StackResource {
  const all = Object.entries({ ...resource.Properties, ...properties });
  return { ...resource, Properties: Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1))) };
}
