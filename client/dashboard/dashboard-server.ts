import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as v from "valibot";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { JobListing } from "../history/job-summaries.ts";
import { receiveBody } from "../local/requests/receive-body.ts";
import { isFromOwnPage, listenOnLoopback } from "../local/requests/request-guard.ts";
import { type ActionPorts, abortById, resubmitById } from "./actions.ts";
import { PAGE, PAGE_HEADERS } from "./dashboard-html.ts";
import { jobGraph } from "./job-graph.ts";
import { jobTimeline } from "./job-timeline.ts";
import { LiveReadings } from "./live-readings.ts";
import { type TaskPorts, taskDetails } from "./task-details.ts";
import { Viewer } from "./viewer.ts";

/** The parts of a client that a dashboard uses. */
export type DashboardPorts = JobListing & TaskPorts & ActionPorts;

const MAX_VIEWERS = 20;
const MAX_BODY_BYTES = 10_000;

const Action = v.pipe(v.string(), v.parseJson(), v.strictObject({ id: v.string(), failed: v.optional(v.boolean()) }));

const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Serves the dashboard's page and its data on loopback. */
export class DashboardServer {
  readonly #ports: DashboardPorts;
  readonly #cluster: string;
  readonly #server: Server;
  readonly #readings: LiveReadings;
  readonly #key = randomBytes(32).toString("base64url");
  #port = 0;

  constructor(ports: DashboardPorts, cluster: string) {
    this.#ports = ports;
    this.#cluster = cluster;
    this.#readings = new LiveReadings(ports);
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.unref();
  }

  /** Listens on a free port. Resolves to the page's URL with the key, which browsers do not send to any server. */
  async listen(): Promise<string> {
    this.#port = await listenOnLoopback(this.#server);
    return `http://127.0.0.1:${this.#port}/#key=${this.#key}`;
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (!isFromOwnPage(request, this.#port)) refuse(response, 403, "not a request of this page");
    else this.#route(request, response);
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    // Split by hand: the URL class throws for some targets that a request may have, such as `//`.
    const [pathname = "", query] = (request.url ?? "").split("?", 2);
    const searchParams = new URLSearchParams(query);
    const route = `${request.method} ${pathname}`;
    // The page contains no data, so it needs no key.
    if (route === "GET /") response.writeHead(200, PAGE_HEADERS).end(PAGE);
    else if (!this.#hasKey(request)) refuse(response, 401, "the key is missing or wrong");
    else if (route === "GET /events") this.#showLive(response, searchParams.get("job") ?? undefined);
    else if (route === "GET /task") answer(response, taskDetails(this.#ports, searchParams.get("id") ?? ""));
    else if (route === "GET /timeline") answer(response, jobTimeline(this.#ports, searchParams.get("job") ?? ""));
    else if (route === "GET /graph") answer(response, jobGraph(this.#ports, searchParams.get("job") ?? ""));
    else if (route === "POST /abort" || route === "POST /resubmit")
      receiveBody(request, response, MAX_BODY_BYTES, (body) => answer(response, this.#act(pathname, body.toString())));
    else refuse(response, 404, "no such page");
  }

  #hasKey({ headers: { authorization = "" } }: IncomingMessage): boolean {
    return timingSafeEqual(digest(authorization), digest(`Bearer ${this.#key}`));
  }

  #showLive(response: ServerResponse, job: string | undefined): void {
    if (this.#readings.viewers >= MAX_VIEWERS) {
      refuse(response, 503, "too many pages are open");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const stop = this.#readings.show(new Viewer(response, this.#cluster, job));
    response.on("error", () => {});
    response.on("close", stop);
  }

  async #act(pathname: string, body: string): Promise<{ message?: string; job?: string }> {
    const parsed = v.safeParse(Action, body);
    if (!parsed.success) throw new FantailError("expected an id");
    const { id, failed = false } = parsed.output;
    try {
      if (pathname === "/abort") return { message: await abortById(this.#ports, id) };
      return { job: await resubmitById(this.#ports, id, failed) };
    } finally {
      this.#readings.soon();
    }
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function answer(response: ServerResponse, value: Promise<unknown>): void {
  value.then(
    (given) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(given)),
    (error: unknown) => refuse(response, 400, error instanceof Error ? error.message : String(error)),
  );
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: why }));
}
