import type { Clock } from "../../adapters/clock.ts";
import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { EngineAnswer, ParkedAborts } from "../../protocol/engine-answer.ts";
import { holdsIndex } from "../../protocol/index-ranges.ts";
import { AskingPace } from "../rules/asking-pace.ts";
import { abortedTask } from "../rules/stop-cause.ts";
import { Alarm } from "./alarm.ts";
import type { ParkedTask } from "./parked-task.ts";
import type { Sender, ViewService } from "./view-service.ts";

/** The parked tasks of a session: reports how each ends, and requests other work meanwhile. */
export class ParkedTasks {
  readonly #endpoint: ReportEndpoint;
  readonly #who: Sender;
  readonly #views: ViewService;
  readonly #alarm: Alarm;
  /** Tasks of the running lease; the scheduler does not know yet that they are parked. */
  #fresh: ParkedTask[] = [];
  readonly #parked = new Set<ParkedTask>();
  readonly #pace = new AskingPace();
  #refusal: string | undefined;
  #failure: unknown;

  constructor(endpoint: ReportEndpoint, who: Sender, views: ViewService, clock: Clock) {
    this.#endpoint = endpoint;
    this.#who = who;
    this.#views = views;
    this.#alarm = new Alarm(clock);
    views.onSubmit = () => this.#hurry();
    views.isParked = (job, index) => this.#has(job, index);
  }

  get isEmpty(): boolean {
    return this.#parked.size === 0 && this.#fresh.length === 0;
  }

  add(task: ParkedTask): void {
    this.#fresh.push(task);
  }

  /**
   * Records that the scheduler knows that the tasks of the last lease are parked. From then on, the end of each can be
   * reported.
   */
  noted(): void {
    for (const task of this.#fresh) {
      this.#parked.add(task);
      void this.#report(task);
    }
    this.#fresh = [];
    this.#pace.hurry();
  }

  async #report(task: ParkedTask): Promise<void> {
    const outcome = await task.outcome;
    try {
      if (outcome.status === "ok") this.#views.forget(task.id);
      else await this.#views.abandon(task.id);
      const { job, index } = task.about;
      const answer = await this.#endpoint.send({ type: "settle", ...this.#who, job, entry: { index, ...outcome } });
      if (answer.type === "refused") this.#refusal = answer.message;
    } catch (error) {
      this.#failure ??= error;
    }
    this.#parked.delete(task);
    this.#hurry();
  }

  #has(job: string, index: number): boolean {
    for (const { about } of this.#parked) if (about.job === job && about.index === index) return true;
    return false;
  }

  /** Stops the tasks that were aborted. */
  abort(aborts: ParkedAborts = []): void {
    for (const task of this.#parked) {
      const { job, index } = task.about;
      if (aborts.some((one) => one.job === job && holdsIndex(one.ranges, index))) task.stop(abortedTask(true));
    }
  }

  /**
   * Waits for the next lease, or for the end of the session.
   *
   * @throws ClusterError if the report function fails for good
   */
  async nextLease(have: () => string[]): Promise<EngineAnswer> {
    this.#views.isBusy = false;
    try {
      return await this.#asked(have);
    } finally {
      this.#views.isBusy = true;
    }
  }

  async #asked(have: () => string[]): Promise<EngineAnswer> {
    for (;;) {
      await this.#alarm.wait(this.#pace.pauseMs);
      this.#pace.asked();
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#refusal !== undefined) return { type: "refused", message: this.#refusal };
      const answer = await this.#endpoint.send({ type: "next", ...this.#who, have: have() });
      if (answer.type !== "waiting") return answer;
      this.abort(answer.parked);
    }
  }

  /** Requests work soon, because work may have become available. */
  #hurry(): void {
    this.#pace.hurry();
    this.#alarm.ring();
  }

  /** Ends the threads of all tasks, because the session has ended and the tasks no longer belong to it. */
  end(): void {
    for (const task of [...this.#parked, ...this.#fresh]) task.kill();
  }
}
