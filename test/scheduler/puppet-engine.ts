import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import type { ReportedEntry, ReportMessage } from "../../lambdas/protocol/report-messages.ts";
import { simulatedValue } from "../simulation/a-job.ts";
import type { World } from "../simulation/world.ts";

/** An invocation of an engine that a test plays message by message. */
export class PuppetEngine {
  readonly event: EngineEvent;
  readonly nonce: string;
  readonly #world: World;
  lease: Grant | undefined;

  constructor(world: World, event: EngineEvent, nonce = "0".repeat(32)) {
    this.#world = world;
    this.event = event;
    this.nonce = nonce;
  }

  get who(): { engine: number; session: string; nonce: string } {
    return { engine: this.event.engine, session: this.event.session, nonce: this.nonce };
  }

  async begin(): Promise<EngineAnswer> {
    const granted = this.event.grant !== undefined;
    const answer = await this.#send({ type: "begin", ...this.who, have: [], granted });
    if (answer.type === "began") this.lease = answer.grant ?? this.event.grant;
    return answer;
  }

  /** Returns the report that all tasks of its lease have succeeded, with the changes. */
  message(change: Partial<ReportMessage> = {}): ReportMessage {
    const { lease } = this;
    if (!lease) throw new Error("the puppet holds no lease");
    return {
      type: "report",
      ...this.who,
      seq: lease.seq,
      entries: lease.tasks.map(([index]) => this.ended(index)),
      returned: [],
      running: [],
      leaving: false,
      have: [],
      ...change,
    };
  }

  ended(index: number): ReportedEntry {
    const now = this.#world.clock.now();
    return { index, status: "ok", value: simulatedValue(this.lease?.job ?? "", index), started: now, completed: now };
  }

  failed(index: number, ename = "Error"): ReportedEntry {
    const now = this.#world.clock.now();
    return {
      index,
      status: "error",
      error: { code: "RemoteError", ename, evalue: "told to fail" },
      started: now,
      completed: now,
    };
  }

  async report(change: Partial<ReportMessage> = {}): Promise<EngineAnswer> {
    const answer = await this.#send(this.message(change));
    if (answer.type === "lease") this.lease = answer.grant;
    return answer;
  }

  heartbeat(): Promise<EngineAnswer> {
    return this.#send({ type: "heartbeat", ...this.who, seq: this.lease?.seq ?? 0 });
  }

  #send(message: unknown): Promise<EngineAnswer> {
    return this.#world.until(this.#world.report(message));
  }
}

/** Faults that keep the events for puppets, so that no engine starts by itself. */
export function kept(events: EngineEvent[]): { deliveries(event: EngineEvent): number[] } {
  return {
    deliveries(event) {
      events.push(event);
      return [];
    },
  };
}
