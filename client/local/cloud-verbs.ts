import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { DynamoDbVerbs } from "./dynamodb/dynamodb-process.ts";
import type { EventRules } from "./events/event-rules.ts";
import type { Environment } from "./lambda/environment.ts";
import type { LambdaFaults } from "./lambda/lambda-faults.ts";
import type { Serving } from "./processes/call-channel.ts";
import type { Grantee } from "./requests/access.ts";
import type { RecordedCall } from "./requests/call-log.ts";
import type { Meter } from "./requests/meter.ts";
import { type AccessVerbs, accessVerbs } from "./requests/principals.ts";
import type { RunningCloud } from "./start-cloud.ts";

/** An execution environment, for tests and tools. */
export interface EnvironmentInfo {
  /**
   * Process id.
   *
   * `scheduler` and `report` run as threads of the cloud's process, unless you supply the scheme. End their
   * environments with `killBusy` or `endIdle`: killing the process would end the cloud.
   */
  pid: number;
  /**
   * The function's role in the cluster: `scheduler`, `report` or `engine`; for a function of your own, its handler's
   * export.
   */
  label: string;
  /** The function's name. */
  function: string;
  /** Whether the environment is running an invocation. */
  busy: boolean;
  /** Id of the virtual engine that the current invocation runs; absent if there is none. */
  engine?: number;
}

const EngineEvent = v.pipe(v.string(), v.parseJson(), v.looseObject({ engine: v.number() }));

/** The verbs that a running cloud serves to its owner. */
export type CloudVerbs = AccessVerbs & {
  meter(): Meter;
  resetMeter(): void;
  calls(): RecordedCall[];
  logs(label: string | undefined): string;
  rules(): ReturnType<EventRules["all"]>;
  grantees(): Grantee[];
  invoke(call: { functionName: string; event?: unknown }): unknown;
  environments(): EnvironmentInfo[];
  kill(victims: Victims): number[];
  endIdle(functions: { label: string }): void;
  dropEvents: LambdaFaults["dropEvents"];
  doubleEvents: LambdaFaults["doubleEvents"];
  delayEvents: LambdaFaults["delayEvents"];
  loseAnswers: LambdaFaults["loseAnswers"];
  reserve(reservation: { label: string; environments?: number | undefined }): void;
  throttle: DynamoDbVerbs["throttle"];
  leaveUnprocessed: DynamoDbVerbs["leaveUnprocessed"];
  killDynamoDb(): void;
};

/**
 * Selects the busy environments to kill: all of a function's, or the one that runs a virtual engine. If neither is
 * given, any one busy engine environment.
 */
interface Victims {
  label?: string;
  engine?: number;
}

/** Implements `CloudVerbs` for a running cloud. */
export function cloudVerbs(cloud: RunningCloud): Serving<CloudVerbs> {
  const { service, principals, faults, dynamodb, rules } = cloud;
  return {
    ...meterVerbs(cloud),
    ...accessVerbsOf(cloud),
    logs: (label) =>
      (label === undefined ? service.all() : service.labeled(label)).map(({ log }) => log.read()).join(""),
    rules: () => rules.all(),
    grantees: () => principals.grantees(),
    invoke: (call) => invoke(service, call),
    environments: () => aliveEnvironments(service).map(({ info }) => info),
    kill: (victims) => kill(service, victims),
    endIdle: ({ label }) => {
      for (const fn of service.labeled(label)) fn.endIdleSince(Number.POSITIVE_INFINITY);
    },
    dropEvents: (events) => faults.dropEvents(events),
    doubleEvents: (events) => faults.doubleEvents(events),
    delayEvents: (events) => faults.delayEvents(events),
    loseAnswers: (answers) => faults.loseAnswers(answers),
    reserve: ({ label, environments: reserved }) => {
      for (const fn of service.labeled(label)) fn.reservedConcurrency = reserved ?? fn.spec.reservedConcurrency;
    },
    throttle: (requests) => dynamodb.call("throttle", requests),
    leaveUnprocessed: (batches) => dynamodb.call("leaveUnprocessed", batches),
    killDynamoDb: () => dynamodb.kill(),
  };
}

function meterVerbs({ service, meter, eventsMeter, dynamodb, s3, calls }: RunningCloud) {
  return {
    meter: async (): Promise<Meter> => ({
      traffic: {
        lambda: meter.read(),
        dynamodb: await dynamodb.call("meter"),
        s3: s3.meter.read(),
        events: eventsMeter.read(),
      },
      invocations: service.counts(),
    }),
    resetMeter: async () => {
      meter.reset();
      eventsMeter.reset();
      s3.meter.reset();
      calls.reset();
      for (const fn of service.all()) fn.resetCounts();
      await dynamodb.call("resetMeter");
    },
    calls: async () =>
      [...calls.read(), ...(await dynamodb.call("calls"))].sort((one, other) => one.start - other.start),
  };
}

/**
 * Implements `AccessVerbs` for the whole cloud. Passes each call on to DynamoDB too, which makes its own access
 * decisions.
 */
function accessVerbsOf({ principals, dynamodb }: RunningCloud): Serving<AccessVerbs> {
  const here = accessVerbs(() => principals);
  return {
    setStatements: async (change) => {
      await here.setStatements(change);
      await dynamodb.call("setStatements", change);
    },
    asked: async () => {
      const [own, others] = await Promise.all([here.asked(), dynamodb.call("asked")]);
      return [...own, ...others];
    },
  };
}

function kill(service: RunningCloud["service"], { label, engine }: Victims): number[] {
  const victims = aliveEnvironments(service).filter(
    ({ info: one }) =>
      one.busy && [one.label, one.function].includes(label ?? "engine") && (engine ?? one.engine) === one.engine,
  );
  const killed = label === undefined && engine === undefined ? victims.slice(0, 1) : victims;
  for (const { environment } of killed) environment.kill();
  return killed.map(({ info }) => info.pid);
}

async function invoke(
  service: RunningCloud["service"],
  { functionName, event = {} }: { functionName: string; event?: unknown },
): Promise<unknown> {
  const fn = service.find(functionName);
  if (!fn)
    throw new ClusterError(
      `the stack has no function ${functionName}: pass the full name or the ARN of one of its functions`,
    );
  const payload = Buffer.from(JSON.stringify(event));
  const call = { payload, trace: undefined, tenant: undefined, clientContext: undefined };
  const outcome = await fn.invoke(call, randomUUID());
  if (outcome.status === "ok") return JSON.parse(outcome.payload.toString());
  throw new ClusterError(`${functionName} failed: ${outcome.payload}`);
}

function aliveEnvironments(service: RunningCloud["service"]): { info: EnvironmentInfo; environment: Environment }[] {
  return service.environments().flatMap(({ fn, environment }) => {
    const { pid, current } = environment;
    if (pid === undefined || environment.dead) return [];
    const event = current && v.safeParse(EngineEvent, current.payload.toString());
    const info = {
      pid,
      label: fn.spec.label,
      function: fn.spec.name,
      busy: current !== undefined,
      ...(event?.success && { engine: event.output.engine }),
    };
    return { info, environment };
  });
}
