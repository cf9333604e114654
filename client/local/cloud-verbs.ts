import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { Verbs } from "./call-channel.ts";
import type { AskedAccess } from "./cloud-access.ts";
import type { Meter } from "./doors/meter.ts";
import { accessVerbs } from "./doors/principals.ts";
import type { RunningCloud } from "./start-cloud.ts";

/** An execution environment as tests and tools see it. */
export interface EnvironmentInfo {
  pid: number;
  /** `scheduler`, `report`, `engine`. */
  label: string;
  /** The function's name. */
  function: string;
  busy: boolean;
  /** The virtual engine that its invocation runs. */
  engine?: number;
}

const EngineEvent = v.pipe(v.string(), v.parseJson(), v.looseObject({ engine: v.number() }));

/** What a cloud's owner may ask of a running cloud. */
export function cloudVerbs({
  service,
  principals,
  meter,
  eventsMeter,
  faults,
  dynamodb,
  s3,
  rules,
}: RunningCloud): Verbs {
  const here = accessVerbs(() => principals);
  return {
    meter: async () =>
      ({
        traffic: {
          lambda: meter.read(),
          dynamodb: await dynamodb.channel.call("meter"),
          s3: await s3.channel.call("meter"),
          events: eventsMeter.read(),
        },
        invocations: service.counts(),
      }) as Meter,
    resetMeter: async () => {
      meter.reset();
      eventsMeter.reset();
      for (const fn of service.all()) fn.resetCounts();
      await Promise.all([dynamodb.channel.call("resetMeter"), s3.channel.call("resetMeter")]);
    },
    logs: (label) =>
      (label === undefined ? service.all() : service.labelled(label as string)).map(({ log }) => log.read()).join(""),
    rules: () => rules.all(),
    grantees: () => principals.grantees(),
    setStatements: async (argument) => {
      here.setStatements?.(argument);
      await Promise.all([dynamodb, s3].map(({ channel }) => channel.call("setStatements", argument)));
    },
    asked: async () => {
      const elsewhere = await Promise.all([dynamodb, s3].map(({ channel }) => channel.call("asked")));
      return [here.asked?.(undefined), ...elsewhere].flat() as AskedAccess[];
    },
    invoke: (argument) => invoke(service, argument as { functionName: string; event?: unknown }),
    environments: () => environments(service),
    kill: (argument) => {
      const { label, engine } = argument as { label?: string; engine?: number };
      const victims = environments(service).filter(
        (one) =>
          one.busy && [one.label, one.function].includes(label ?? "engine") && (engine ?? one.engine) === one.engine,
      );
      const killed = label === undefined && engine === undefined ? victims.slice(0, 1) : victims;
      for (const { environment } of service.environments())
        if (killed.some(({ pid }) => pid === environment.pid)) environment.kill();
      return killed.map(({ pid }) => pid);
    },
    dropEvents: (argument) => faults.dropEvents(argument as Parameters<typeof faults.dropEvents>[0]),
    doubleEvents: (argument) => faults.doubleEvents(argument as Parameters<typeof faults.doubleEvents>[0]),
    delayEvents: (argument) => faults.delayEvents(argument as Parameters<typeof faults.delayEvents>[0]),
    loseAnswers: (argument) => faults.loseAnswers(argument as Parameters<typeof faults.loseAnswers>[0]),
    reserve: (argument) => {
      const { label, environments: reserved } = argument as { label: string; environments?: number };
      for (const fn of service.labelled(label)) fn.reservedConcurrency = reserved ?? fn.spec.reservedConcurrency;
    },
    throttle: (argument) => dynamodb.channel.call("throttle", argument),
    leaveUnprocessed: (argument) => dynamodb.channel.call("leaveUnprocessed", argument),
  };
}

async function invoke(
  service: RunningCloud["service"],
  { functionName, event = {} }: { functionName: string; event?: unknown },
): Promise<unknown> {
  const fn = service.find(functionName);
  if (!fn) throw new ClusterError(`the stack has no function ${functionName}`);
  const payload = Buffer.from(JSON.stringify(event));
  const call = { payload, trace: undefined, tenant: undefined, clientContext: undefined };
  const outcome = await fn.invoke(call, randomUUID());
  if (outcome.status === "ok") return JSON.parse(outcome.payload.toString());
  throw new ClusterError(`${functionName} failed: ${outcome.payload}`);
}

function environments(service: RunningCloud["service"]): EnvironmentInfo[] {
  return service.environments().flatMap(({ fn, environment }) => {
    const { pid, current } = environment;
    if (pid === undefined || environment.dead) return [];
    const event = current && v.safeParse(EngineEvent, current.payload.toString());
    return {
      pid,
      label: fn.spec.label,
      function: fn.spec.name,
      busy: current !== undefined,
      ...(event?.success && { engine: event.output.engine }),
    };
  });
}
