import { request } from "node:http";
import { DashboardServer } from "../../client/dashboard/dashboard-server.ts";
import { EventStream, type StreamEvent } from "../../client/dashboard/event-stream.ts";
import type { JobUpdate, OverviewUpdate } from "../../client/dashboard/live-data.ts";
import type { QueueStatus } from "../../lambdas/protocol/scheduler-answer.ts";
import { aClient, type TestClient } from "../client/a-client.ts";
import { settle } from "../client/virtual-clock.ts";

/** A response of a dashboard, with its body. */
export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** A dashboard of a scripted cluster. */
export class TestDashboard implements AsyncDisposable {
  readonly client: TestClient = aClient();
  /** What the scheduler answers when it is asked for its queue. */
  queue: QueueStatus = { unassigned: [], waiting: [], engines: [] };
  /** Serves the dashboard from a client of its own, as the command does. */
  readonly #server = new DashboardServer(aClient({}, this.client).core, "profile test");
  #url = new URL("http://127.0.0.1");

  constructor() {
    this.client.cloud.answer = ({ type }) => (type === "queue" ? { type, queue: this.queue } : undefined);
  }

  static async open(): Promise<TestDashboard> {
    const dashboard = new TestDashboard();
    dashboard.#url = new URL(await dashboard.#server.listen());
    return dashboard;
  }

  get port(): number {
    return Number(this.#url.port);
  }

  get key(): string {
    return this.#url.hash.replace("#key=", "");
  }

  /** Number of requests to the cluster so far. */
  get reads(): number {
    const { messages, listings, queries, rowReads } = this.client.cloud;
    return messages.length + listings.length + queries.length + rowReads;
  }

  /** Sends a request with the key, unless `headers` says otherwise. */
  send(method: string, path: string, headers: Record<string, string> = {}, body = ""): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port: this.port, method, path, headers: { ...this.#headers(), ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const { statusCode: status = 0, headers: given } = response;
            resolve({ status, headers: given, body: Buffer.concat(chunks).toString() });
          });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Opens a page, as far as the server sees it. */
  look(job?: string): Promise<OpenPage> {
    const path = job === undefined ? "/events" : `/events?job=${job}`;
    return new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port: this.port, path, headers: this.#headers() }, (response) => {
        const page = new OpenPage(() => sent.destroy());
        response.on("data", (chunk: Buffer) => page.take(chunk.toString()));
        response.on("error", () => {});
        resolve(page);
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  /** Lets the clock go on until the page has received an event. */
  async until<T>(event: Promise<T>): Promise<T> {
    let isThere = false;
    void event.finally(() => {
      isThere = true;
    });
    for (; !isThere; await settle()) await this.client.clock.advance(100);
    return event;
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.key}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

/** An open page: the events that it has received. */
export class OpenPage {
  readonly close: () => void;
  readonly events: StreamEvent[] = [];
  readonly #stream = new EventStream();
  #notify = () => {};

  constructor(close: () => void) {
    this.close = close;
  }

  take(text: string): void {
    this.events.push(...this.#stream.add(text));
    this.#notify();
  }

  overview(): Promise<OverviewUpdate> {
    return this.#next("overview");
  }

  job(): Promise<JobUpdate> {
    return this.#next("job");
  }

  trouble(): Promise<string> {
    return this.#next("trouble");
  }

  /** Waits for the next event with this name, and takes it out. */
  async #next<T>(name: string): Promise<T> {
    for (;;) {
      const at = this.events.findIndex((event) => event.name === name);
      const [found] = at < 0 ? [] : this.events.splice(at, 1);
      if (found) return JSON.parse(found.data);
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }
}
