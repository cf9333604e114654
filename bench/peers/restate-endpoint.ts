import { once } from "node:events";
import { createServer } from "node:http2";
import { sayUp } from "./own-child.ts";
import { type PeerTask, runTask } from "./peer-task.ts";
import { type Context, FAN_OUT, type GraphInput, type RestatePromise, restate, workerService } from "./restate.ts";

const [port, name = "", engineCount] = process.argv.slice(2);
const engines = Number(engineCount);
const workerOf = (context: Context, at: number) => context.serviceClient({ name: workerService(at % engines) });

/** The previous task. The next one waits for it, because a worker runs one task at a time, as in the other systems. */
let before: Promise<unknown> = Promise.resolve();
function inTurn(task: PeerTask): Promise<unknown> {
  const turn = before.then(() => runTask(task));
  before = turn.catch(() => undefined);
  return turn;
}

const worker = restate.service({
  name,
  handlers: {
    run: (_context: Context, task: PeerTask) => inTurn(task),
    fibonacci: async (context: Context, n: number) => {
      if (n < 2) return n;
      const parts = [1, 2].map((less) => workerOf(context, n + less).fibonacci(n - less));
      return (await restate.RestatePromise.all(parts)).reduce((sum, part) => sum + part, 0);
    },
  },
});

const fanOut = restate.service({
  name: FAN_OUT,
  handlers: {
    all: (context: Context, tasks: PeerTask[]) =>
      restate.RestatePromise.all(tasks.map((task, at) => workerOf(context, at).run(task))),

    /** Starts tasks as their parents end. A handler may only await Restate's own promises. */
    graph: async (context: Context, { parents, tasks }: GraphInput) => {
      const results: unknown[] = [];
      const unmet = parents.map((before) => before.length);
      const running = new Map<number, RestatePromise<{ node: number; result: unknown }>>();
      const start = (node: number) => {
        const task = tasks[node];
        if (task)
          running.set(
            node,
            workerOf(context, node)
              .run(task)
              .map((result) => ({ node, result })),
          );
      };
      const children = parents.map((_, parent) =>
        parents.flatMap((before, node) => (before.includes(parent) ? [node] : [])),
      );
      for (const [node, count] of unmet.entries()) if (count === 0) start(node);
      while (running.size > 0) {
        const { node, result } = await restate.RestatePromise.race([...running.values()]);
        running.delete(node);
        results[node] = result;
        for (const child of children[node] ?? []) {
          unmet[child] = (unmet[child] ?? 0) - 1;
          if (unmet[child] === 0) start(child);
        }
      }
      return results;
    },
  },
});

const handler = restate.createEndpointHandler({ services: [name === FAN_OUT ? fanOut : worker] });
const server = createServer(handler).listen(Number(port), "127.0.0.1");
await once(server, "listening");
sayUp();
