import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { drive } from "./node-driver.ts";
import { endChild, forkWorker, freePorts, untilDone } from "./own-child.ts";
import { NPM_FOLDER } from "./peer-folders.ts";
import { peerVersion } from "./peer-package.ts";
import type { PeerTask } from "./peer-task.ts";
import { FAN_OUT, workerService } from "./restate.ts";

/**
 * Number of connections for large values, over which single calls are spread. One call that fans out would hold all
 * values in memory.
 */
const CONNECTIONS = 8;

/** Delay in milliseconds before the driver restarts a killed endpoint, as a platform would. */
const RESTART_MS = 1000;

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

async function call(port: number, path: string, body?: unknown): Promise<unknown> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const asked = request({
    host: "127.0.0.1",
    port,
    path,
    agent,
    method: sent === undefined ? "GET" : "POST",
    ...(sent === undefined
      ? {}
      : { headers: { "content-type": "application/json", "content-length": Buffer.byteLength(sent) } }),
  });
  asked.end(sent);
  const [first] = await once(asked, "response");
  const response: IncomingMessage = first;
  const received = await text(response);
  if ((response.statusCode ?? 500) >= 300) throw new Error(`${path}: ${response.statusCode} ${received.slice(0, 200)}`);
  return received === "" ? undefined : JSON.parse(received);
}

/** Starts a server with one node that listens only on the loopback address. */
function startServer(node: number, ingress: number, admin: number) {
  const file = join(NPM_FOLDER, "node_modules/@restatedev/restate-server-linux-x64/bin/restate-server");
  return spawn(file, ["--base-dir", process.cwd(), "--node-name", "bench"], {
    stdio: "ignore",
    env: {
      ...process.env,
      RESTATE_LISTEN_MODE: "tcp",
      RESTATE_BIND_IP: "127.0.0.1",
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_ADMIN__DISABLE_WEB_UI: "true",
      RESTATE_DISABLE_TELEMETRY: "true",
      RUST_LOG: "error",
    },
  });
}

await drive(async (engines) => {
  const [node = 0, ingress = 0, admin = 0, ...endpointPorts] = await freePorts(4 + engines);
  const server = startServer(node, ingress, admin);
  const names = [FAN_OUT, ...Array.from({ length: engines }, (_, at) => workerService(at))];
  const start = (at: number) =>
    forkWorker("./restate-endpoint.js", String(endpointPorts[at]), String(names[at]), String(engines));
  const endpoints = await Promise.all(names.map((_, at) => start(at)));
  await untilDone(() => call(admin, "/health"));
  for (const port of endpointPorts)
    await untilDone(() => call(admin, "/deployments", { uri: `http://127.0.0.1:${port}` }));

  let sent = 0;
  const run = (task: PeerTask) => call(ingress, `/${workerService(sent++ % engines)}/run`, task);
  await untilDone(() => run({ kind: "square", x: 1 }));

  const runBySome = async (tasks: PeerTask[]): Promise<unknown[]> => {
    const results: unknown[] = [];
    const entries = tasks.entries();
    const worker = async () => {
      for (const [at, task] of entries) results[at] = await run(task);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    return results;
  };
  const list = (answer: unknown): unknown[] => (Array.isArray(answer) ? answer : [answer]);

  return {
    versions: {
      restate: peerVersion("@restatedev/restate-server"),
      "restate-sdk": peerVersion("@restatedev/restate-sdk"),
    },
    takesBytes: false,
    run,
    runAll: async (tasks) =>
      tasks[0]?.kind === "echo" ? runBySome(tasks) : list(await call(ingress, `/${FAN_OUT}/all`, tasks)),
    runGraph: async (parents, taskOf) =>
      list(await call(ingress, `/${FAN_OUT}/graph`, { parents, tasks: parents.map((_, node) => taskOf(node)) })),
    fibonacci: (n) => call(ingress, `/${workerService(0)}/fibonacci`, n),
    killWorker: () => {
      endpoints[1]?.kill("SIGKILL");
      void sleep(RESTART_MS).then(async () => endpoints.push(await start(1)));
    },
    close: async () => {
      agent.destroy();
      await Promise.all([...endpoints, server].map(endChild));
    },
  };
});
