import { ClientCore } from "../../client/client-core.ts";
import { systemClock } from "../../client/cluster/clock.ts";
import { DashboardServer } from "../../client/dashboard/dashboard-server.ts";
import { LoadBalancedView } from "../../client/views/view.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { ScriptedCloud } from "../client/scripted-cloud.ts";

const ENGINES = 1000;
const TASKS = 10_000;
/** Tasks that end between two readings. */
const STEP = 100;

/** A dashboard of a cluster of 1,000 engines with a job of 10,000 tasks, of which 100 end between two readings. */
export class LargeDashboard implements AsyncDisposable {
  readonly #cloud = new ScriptedCloud();
  readonly #core = new ClientCore(this.#cloud, systemClock, [
    { name: "default", count: ENGINES, memoryMb: 1769, timeoutSeconds: 900 },
  ]);
  readonly #server = new DashboardServer(this.#core, "large");
  #job = "";
  #ended = 0;
  url = "";

  static async open(): Promise<LargeDashboard> {
    const dashboard = new LargeDashboard();
    await dashboard.#start();
    return dashboard;
  }

  async #start(): Promise<void> {
    this.#cloud.now = () => systemClock.now();
    const view = new LoadBalancedView(this.#core, { label: "large", chunkSize: 1 });
    const result = view.map((x: number) => x, [...Array(TASKS).keys()]);
    result.catch(() => {});
    await this.#core.submitter.settled();
    this.#job = result.jobId;
    this.#end(TASKS / 2);
    this.#cloud.answer = ({ type }) => {
      if (type === "status") return this.#status();
      if (type !== "queue") return undefined;
      this.#end(this.#ended + STEP);
      return this.#queue();
    };
    this.url = await this.#server.listen();
  }

  /** Ends tasks up to this one; every 97th fails. */
  #end(to: number): void {
    const past = Math.min(TASKS, to);
    for (; this.#ended < past; this.#ended += STEP)
      this.#cloud.end(this.#job, this.#ended, Math.min(past, this.#ended + STEP), (index) => {
        if (index % 97 === 0) throw new RangeError(`task ${index} has no result`);
        return index;
      });
  }

  #status(): SchedulerAnswer {
    const assigned = systemClock.now() - 500;
    const engines = Array.from({ length: ENGINES }, (_, id) => ({
      ...{ id, pool: id % 2 === 0 ? "default" : "large", load: 1, assigned, live: true },
      state: "open" as const,
    }));
    const pools = [{ name: "default", count: ENGINES, memoryMb: 1769, timeoutSeconds: 900, ids: [[0, ENGINES]] }];
    const settings = { hints: 1, scheme: "leastload", hwm: "adaptive" as const };
    return {
      type: "status",
      status: {
        ...settings,
        engines,
        code: { shipping: true, functions: [] },
        pools: pools.map((pool) => ({ ...pool, ids: [[0, ENGINES]] })),
      },
    };
  }

  #queue(): SchedulerAnswer {
    const held = (id: number) => Math.min(TASKS - 1, this.#ended + id);
    const engines = Array.from({ length: ENGINES }, (_, id) => ({
      ...{ id, completed: Math.floor(this.#ended / ENGINES) + (id % 7) },
      tasks: [{ job: this.#job, ranges: [[held(id), held(id) + 1] as [number, number]] }],
    }));
    const ranges: [number, number][] = [[Math.min(TASKS, this.#ended + ENGINES), TASKS]];
    return { type: "queue", queue: { engines, waiting: [], unassigned: [{ job: this.#job, ranges }] } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await this.#core.close();
  }
}
