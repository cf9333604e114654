import { LRUCache } from "lru-cache";
import type { Store } from "../adapters/store.ts";
import type { Engine } from "../core/engine.ts";
import type { Scheme } from "../core/placing/scheme.ts";
import type { QueueEntry } from "../core/queue-entry.ts";
import { type Roster, rosterOf } from "../core/roster.ts";
import type { TaskLength } from "../core/task-length.ts";
import type { WaitGraph } from "../core/wait-graph.ts";
import type { CodeRules } from "../protocol/code-rules.ts";
import type { EngineEvent } from "../protocol/engine-event.ts";
import type { HighWaterMark, SchemeName } from "../protocol/flags.ts";
import type { JobHeader } from "../protocol/job-header.ts";
import type { Row } from "../protocol/rows.ts";
import type { SpecPage } from "../protocol/spec-page.ts";

/** A pool as deployed. */
export interface Pool {
  name: string;
  count: number;
  memoryMb: number;
  timeoutSeconds: number;
  /** The Lambda functions that its engines run in, all alike; at least one. */
  functions: readonly string[];
  /** Changes with what the engines are made of; what was learnt of them is valid only for one revision. */
  revision?: string | undefined;
}

/** The settings fixed at deployment. */
export interface ClusterConfig {
  pools: readonly Pool[];
  scheme: SchemeName | Scheme;
  hwm: HighWaterMark;
  /** Name of the report function, passed to engines. */
  reportFunction: string;
  code: CodeRules & { functions: readonly string[] };
  /** Longest duration of a scheduler invocation, in milliseconds. */
  passMs: number;
}

/** The switch of the one-minute rule. Either call rejects if it may have failed, as when EventBridge throttles. */
interface SweepRule {
  enable(): Promise<void>;
  disable(): Promise<void>;
}

/**
 * The scheduler's access to the outside world. Time, randomness and ids are included, so that a simulation can supply
 * its own.
 */
export interface ClusterPorts {
  store: Store;
  /** Starts an engine's invocation and returns once it is accepted. */
  startEngine(functionName: string, event: EngineEvent): Promise<void>;
  sweepRule: SweepRule;
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  /** 128 random bits, as text. */
  newSecret(): string;
  log(event: string, fields: Record<string, unknown>): void;
}

/**
 * The cluster as one scheduler process sees it. What it remembers is immutable, or checked by a condition when used.
 */
export interface Cluster extends ClusterPorts {
  config: ClusterConfig;
  /** Job headers by id; they never change. */
  headers: LRUCache<string, JobHeader>;
  /** Wait groups by job; they never change. */
  graphs: LRUCache<string, WaitGraph>;
  /** Jobs that tasks of other jobs are known to depend on; that never ends. */
  depended: LRUCache<string, true>;
  /** Spec pages by `job#first`; they never change. */
  specs: LRUCache<string, SpecPage>;
  /** Code units by hash: Brotli, base64. */
  units: LRUCache<string, string>;
  /** Engines as this process last read or wrote them. */
  engines: Map<number, Engine>;
  /** The key that signs lease tokens, once this process has read it; it never changes. */
  signingKey: string | undefined;
  /** Whether the last single task that came found an engine at once, so that the next may. */
  findsRoom: boolean;
  /** The roster as this process last read it. */
  roster: Roster;
  /** The sweep row as this pass last read it, `row: undefined` if there is none; `undefined` until it is read. */
  sweeps: { row: Row | undefined } | undefined;
  /** When this process last read the sweep row for a heartbeat, epoch milliseconds. */
  sweepsWatched: number;
  /**
   * When this process last reconciled open jobs for a waiting client, or later if that look was slow, epoch
   * milliseconds.
   */
  reconciled: number;
  /** Modules that pools are known to lack, as keys of the rows that say so. */
  lacks: Set<string>;
  /** Last seen cursors, by job or by requeued work: only an estimate of what remains. */
  cursors: LRUCache<string, number>;
  /** Queues that got work besides what the current message was about; placed at the end of the message. */
  pending: Set<string>;
  /** The queues' entries as this process last listed them for a claim, and until when they serve others. */
  look: { queues: string; entries: readonly QueueEntry[]; until: number } | undefined;
  /** Measured run times of tasks, by job. */
  lengths: LRUCache<string, TaskLength>;
}

/** Memory for cached spec pages, and as much again for code, in characters; well below the function's memory. */
const CACHE_CHARS = 64_000_000;

/** @param remembered how many jobs are remembered at once */
export function newCluster(ports: ClusterPorts, config: ClusterConfig, remembered = 10_000): Cluster {
  return {
    ...ports,
    config,
    headers: new LRUCache({ max: remembered }),
    graphs: new LRUCache({ max: Math.min(remembered, 1000) }),
    depended: new LRUCache({ max: remembered }),
    specs: new LRUCache({ maxSize: CACHE_CHARS, sizeCalculation: (page) => 200 + specChars(page) }),
    units: new LRUCache({ maxSize: CACHE_CHARS, sizeCalculation: (body) => 100 + body.length }),
    engines: new Map(),
    pending: new Set(),
    look: undefined,
    signingKey: undefined,
    findsRoom: true,
    roster: rosterOf(config.pools),
    sweeps: undefined,
    sweepsWatched: 0,
    reconciled: 0,
    lacks: new Set(),
    cursors: new LRUCache({ max: remembered }),
    lengths: new LRUCache({ max: remembered }),
  };
}

function specChars(page: SpecPage): number {
  let chars = 0;
  for (const [, args] of page.tasks)
    chars += 16 + (typeof args === "string" ? args.length : JSON.stringify(args).length);
  return chars;
}
