import { createHash } from "node:crypto";
import * as v from "valibot";
import type { CloudPort, ReadPage } from "../../client/cluster/cloud-port.ts";
import { packValues } from "../../lambdas/adapters/pack.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import { indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import { packOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { dayKey, outcomePageKey, outcomePagesBetween, type Row, specPageKey } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import {
  type ResubmitMessage,
  SchedulerMessage,
  type SubmitMessage,
} from "../../lambdas/protocol/scheduler-messages.ts";
import { chunkBounds, type SpecPage, type TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import { specPageRow } from "../../lambdas/protocol/spec-page-row.ts";
import { isStored } from "../../lambdas/protocol/stored-value.ts";
import { encodeThrown } from "../../lambdas/protocol/thrown.ts";
import { storedBytes } from "../stored-bytes.ts";

/** What a task does: returns a value or throws. */
export type Behaviour = (args: unknown[], index: number) => unknown;

type Answering = (message: SchedulerMessage) => SchedulerAnswer | Error | Promise<SchedulerAnswer> | undefined;

/**
 * A client's cluster in memory. Parses messages with the real parser, and keeps real spec and outcome pages. Nothing
 * runs by itself: a test decides how tasks end.
 */
export class ScriptedCloud implements CloudPort {
  readonly messages: SchedulerMessage[] = [];
  readonly headers: Map<string, JobHeader> = new Map();
  readonly specs: Map<string, Map<number, SpecPage>> = new Map();
  readonly rows: Map<string, Row> = new Map();
  readonly #specRows: Map<string, Row> = new Map();
  readonly blobs: Map<string, Uint8Array> = new Map();
  readonly queries: { job: string; bucket: number; first: number; past: number }[] = [];
  /** Partitions that the client listed. */
  readonly listings: string[] = [];
  rowReads = 0;
  blobReads = 0;
  isClosed = false;
  /** Actions in order: `blob`, `submit`, `part`, `abort`, `tick`, `status`. */
  readonly log: string[] = [];
  /** Overrides the answer to a message. Undefined: the default answer. */
  answer: Answering = () => undefined;
  /** Error of all reads of pages; undefined: they succeed. */
  readFailure: Error | undefined;
  /** If set, tasks run as soon as their job is open. */
  behaviour: Behaviour | undefined;
  /** Whether long results of one page are stored in a pack. Default: each in a blob. */
  packs = false;
  now: () => number = () => 1_700_000_000_000;
  engines = 2;
  /** Names of deployed functions. */
  functions: string[] = [];

  async ask(text: string): Promise<SchedulerAnswer> {
    const message = v.parse(SchedulerMessage, JSON.parse(text));
    this.messages.push(message);
    const isPart = message.type === "submit" && message.jobs.every(({ last }) => !last);
    this.log.push(isPart ? "part" : message.type);
    const answer = await this.answer(message);
    if (answer instanceof Error) throw answer;
    if (answer) return answer;
    if (message.type === "submit") {
      const standing = this.#take(message);
      if (standing.length > 0) return { type: "ok", standing };
    }
    if (message.type === "resubmit") return { type: "resubmitted", headers: this.#again(message) };
    if (message.type === "status" || message.type === "scale" || message.type === "drain") {
      const pools = [
        {
          name: "default",
          count: this.engines,
          memoryMb: 1769,
          timeoutSeconds: 900,
          ids: [[0, this.engines]] as [number, number][],
        },
      ];
      return {
        type: "status",
        status: {
          engines: [],
          hints: 0,
          scheme: "leastload",
          hwm: "adaptive",
          code: { shipping: true, functions: [...this.functions] },
          pools,
        },
      };
    }
    return { type: "ok" };
  }

  async jobRow(job: string): Promise<Row | undefined> {
    this.rowReads++;
    const row = this.rows.get(`job#${job}/job`);
    return row && { ...row };
  }

  async outcomePages(job: string, bucket: number, first: number, past: number): Promise<ReadPage[]> {
    this.queries.push({ job, bucket, first, past });
    if (this.readFailure) throw this.readFailure;
    const { from, to } = outcomePagesBetween(first, past);
    return [...this.rows.values()]
      .filter(({ pk, sk }) => pk === `job#${job}#${bucket}` && sk >= from && sk <= to)
      .sort((a, b) => (a.sk < b.sk ? -1 : 1))
      .map(({ sk, body }) => ({ sk, body }));
  }

  async listRows(
    pk: string,
    { from, to }: { from: string; to: string },
    limit?: number,
    descending = false,
  ): Promise<Row[]> {
    this.listings.push(pk);
    return [...(from.startsWith("s#") ? this.#specRows : this.rows).values()]
      .filter((row) => row.pk === pk && row.sk >= from && row.sk <= to)
      .sort((a, b) => (a.sk < b.sk === descending ? 1 : -1))
      .slice(0, limit);
  }

  async putBlob(name: string, bytes: Uint8Array): Promise<void> {
    this.log.push("blob");
    this.blobs.set(name, bytes);
  }

  async getBlob(hash: string): Promise<Uint8Array> {
    this.blobReads++;
    const bytes = this.blobs.get(hash);
    if (!bytes) throw new Error(`no blob ${hash}`);
    return bytes;
  }

  async getPart(pack: string, from: number, to: number): Promise<Uint8Array> {
    this.blobReads++;
    const bytes = this.blobs.get(pack);
    if (!bytes) throw new Error(`no pack ${pack}`);
    return bytes.slice(from, to);
  }

  close(): void {
    this.isClosed = true;
  }

  /** Returns the received messages of one type. */
  sent<Type extends SchedulerMessage["type"]>(type: Type): Extract<SchedulerMessage, { type: Type }>[] {
    return this.messages.filter((message) => message.type === type) as Extract<SchedulerMessage, { type: Type }>[];
  }

  /** Id of the job that was opened last. */
  get lastJob(): string {
    return [...this.headers.keys()].at(-1) ?? "";
  }

  /** Writes the outcome page of one lease, under its first task's index. */
  write(job: string, entries: readonly Entry[], page: Partial<OutcomePage> = {}, lease = "L1"): void {
    const key = outcomePageKey(job, entries[0]?.index ?? 0, lease);
    const body = packOutcomePage({
      engine: 0,
      pool: "default",
      revoked: false,
      received: this.now(),
      ...page,
      entries: [...entries],
    });
    this.rows.set(`${key.pk}/${key.sk}`, { ...key, body });
    const row = this.rows.get(`job#${job}/job`);
    if (row) row.from = Math.max(row.from ?? 0, ...entries.map(({ index }) => index + 1));
  }

  /** Ends tasks [from, to) in one page, with the values that `resultOf` returns or the errors that it throws. */
  end(job: string, from: number, to: number, resultOf: (index: number) => unknown = (index) => index): void {
    const entries: Entry[] = [];
    for (let index = from; index < to; index++) entries.push(this.entry(index, () => resultOf(index)));
    this.write(job, entries, {}, `L${from}-${to}`);
  }

  /** Returns the entry of a task that runs `act`. */
  entry(index: number, act: () => unknown): Entry {
    const times = { started: this.now() - 5, completed: this.now() - 1 };
    try {
      return { index, attempt: 1, status: "ok", final: true, value: this.keep(encodeValue(act(), "result")), ...times };
    } catch (error) {
      return { index, attempt: 1, status: "error", final: true, error: encodeThrown(error), ...times };
    }
  }

  /** Returns an encoded value as it is stored: long ones as a blob. */
  keep(encoded: string | Uint8Array): EncodedValue {
    if (typeof encoded === "string") return encoded;
    const hash = createHash("sha256").update(encoded).digest("hex");
    this.blobs.set(hash, encoded);
    return { blob: hash, bytes: encoded.byteLength };
  }

  /** Returns a task's arguments, decoded as on an engine. */
  args(job: string, index: number): unknown[] {
    const header = this.headers.get(job);
    const pageTasks = header?.pageTasks ?? 1;
    const first = Math.floor(index / pageTasks) * pageTasks;
    const spec = this.specs.get(job)?.get(first)?.tasks[index - first];
    if (!spec) throw new Error(`task ${index} of ${job} was not submitted`);
    return this.#decoded(spec[1]);
  }

  #value(encoded: EncodedValue, results: unknown[]): unknown {
    const text = typeof encoded === "string" ? encoded : storedBytes(encoded, this.blobs);
    return decodeValue(text, undefined, undefined, results);
  }

  #decoded(args: TaskArguments): unknown[] {
    if (typeof args === "string" || isStored(args)) return this.#value(args, []) as unknown[];
    return args.map((arg) => {
      if (typeof arg === "string") return decodeValue(arg);
      if ("result" in arg) return arg;
      return isStored(arg) ? this.#value(arg, []) : this.#value(arg.value, arg.results);
    });
  }

  /** Accepts jobs, except those whose idempotency key is taken: for these it returns the headers of the first. */
  #take(message: SubmitMessage): JobHeader[] {
    const others: JobHeader[] = [];
    for (const { header, pages, last } of message.jobs) {
      const job = header.id;
      const known = this.headers.get(job);
      if (header.key !== undefined && known && known.key !== header.key) {
        others.push(known);
        continue;
      }
      const specs = this.specs.get(job) ?? new Map<number, SpecPage>();
      this.specs.set(job, specs);
      for (const [first, page] of pages) {
        specs.set(first, page);
        const at = specPageKey(job, first);
        this.#specRows.set(`${at.pk}/${at.sk}`, { ...at, body: specPageRow.encode(page) });
      }
      const state = last ? "open" : "submitting";
      const key = `job#${job}/job`;
      this.rows.set(key, {
        pk: `job#${job}`,
        sk: "job",
        body: JSON.stringify(header),
        from: 0,
        to: header.tasks,
        state,
      });
      const day = dayKey(new Date(header.submitted).toISOString(), job);
      const { tasks, label, client } = header;
      this.rows.set(`${day.pk}/${day.sk}`, { ...day, body: JSON.stringify({ tasks, label, client }) });
      if (!last) continue;
      this.headers.set(job, header);
      if (this.behaviour) this.#run(header, this.behaviour);
    }
    return others;
  }

  /** Accepts resubmitted tasks, one per page. The scheduler, not this class, checks that they are finished. */
  #again({ jobs, flags, label, without, submitted, client }: ResubmitMessage): JobHeader[] {
    return jobs.map(({ id, from, ranges }) => {
      const old = this.headers.get(from);
      if (!old) throw new Error(`no job ${from}`);
      const indexes = [...indexesOf(ranges ?? [[0, old.tasks]])];
      const specs = this.specs.get(from) ?? new Map<number, SpecPage>();
      const pages = indexes.map((index, at): [number, SpecPage] => {
        const page = specs.get(index - (index % old.pageTasks));
        const spec = page?.tasks[index % old.pageTasks];
        if (!page || !spec) throw new Error(`task ${index} of ${from} was not submitted`);
        return [at, { functions: page.functions, tasks: [spec] }];
      });
      const bounds = indexes.map((index) => chunkBounds(old.items, old.tasks, index));
      const kept = Object.entries({ ...old.flags, ...flags }).filter(([name]) => !without.includes(name));
      const header = {
        ...old,
        ...{ id, submitted, client, tasks: indexes.length, pageTasks: 1, flags: Object.fromEntries(kept) },
        items: old.chunked ? bounds.reduce((sum, bound) => sum + bound.to - bound.from, 0) : indexes.length,
        ...(label === undefined ? {} : { label }),
      };
      this.#take({ type: "submit", units: [], jobs: [{ header, pages, last: true }] });
      return header;
    });
  }

  #run({ id, tasks, chunked }: JobHeader, behaviour: Behaviour): void {
    for (let from = 0; from < tasks; from += 50) {
      const entries: Entry[] = [];
      for (let index = from; index < Math.min(from + 50, tasks); index++) {
        const args = this.args(id, index);
        entries.push(
          chunked
            ? this.#chunk(index, args as unknown[][], behaviour)
            : this.entry(index, () => behaviour(args, index)),
        );
      }
      this.write(id, this.packs ? this.#packed(entries) : entries, {}, "auto");
    }
  }

  /** Moves the blobs of entries into a pack, as an engine stores the results of a lease. */
  #packed(entries: readonly Entry[]): Entry[] {
    const values = entries.flatMap(({ value }) => {
      if (typeof value !== "object" || !("blob" in value)) return [];
      return [{ hash: value.blob, bytes: storedBytes(value, this.blobs) }];
    });
    for (const { hash } of values) this.blobs.delete(hash);
    const { objects, locations } = packValues(values);
    for (const { name, pieces } of objects) this.blobs.set(name, Buffer.concat(pieces));
    return entries.map((entry) => {
      const { value } = entry;
      const location = typeof value === "object" && "blob" in value ? locations.get(value.blob) : undefined;
      return location ? { ...entry, value: location } : entry;
    });
  }

  /** Returns the entry of a chunk: an outcome for each item, as an engine reports it. */
  #chunk(index: number, items: unknown[][], behaviour: Behaviour): Entry {
    const outcomes = items.map((args) => {
      const { value, error } = this.entry(index, () => behaviour(args, index));
      return error ? [0, error] : [1, value];
    });
    const failed = outcomes.find(([kind]) => kind === 0);
    const { error } = failed ? this.entry(index, () => behaviour(items[outcomes.indexOf(failed)] ?? [], index)) : {};
    const times = { started: this.now() - 5, completed: this.now() - 1 };
    const entry = { index, attempt: 1, final: true, value: JSON.stringify(outcomes), ...times };
    return error ? { ...entry, status: "error", error } : { ...entry, status: "ok" };
  }
}
