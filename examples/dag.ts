import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { topologicalSort } from "graphology-dag";
import { type AsyncResult, Client } from "../client/index.ts";
import { drawDag, type NodeRun } from "./draw-dag.ts";
import { printTable } from "./print-table.ts";
import { randomDag } from "./random-dag.ts";

/**
 * A graph of tasks. Each task is submitted with `after` its parents, all at once, and the cluster keeps the order. The
 * example checks every edge and draws the result.
 *
 *     npm run build && node dist/examples/dag.js dag.svg
 *     node dist/examples/dag.js dag.svg --layers 8 --width 20 --engines 4 --seed 7
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    layers: { type: "string", default: "6" },
    width: { type: "string", default: "12" },
    engines: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
  },
});
const dag = randomDag(Number(values.layers), Number(values.width), Number(values.seed));
console.log(`${dag.order} tasks in ${values.layers} layers, ${dag.size} edges, seed ${values.seed}`);

const work = (node: string, ms: number) => new Promise<string>((resolve) => setTimeout(() => resolve(node), ms));

const client = await Client.local({ engines: Number(values.engines) });
try {
  const view = client.loadBalancedView();
  // Start the engines first, so that the graph is measured without their start.
  await view.map(
    (x: number) => x,
    Array.from({ length: 4 * Number(values.engines) }, (_, x) => x),
  );
  const started = performance.now();
  const tasks = new Map<string, AsyncResult<string>>();
  for (const node of topologicalSort(dag)) {
    const after = dag.inNeighbors(node).flatMap((parent) => tasks.get(parent) ?? []);
    tasks.set(node, view.withFlags({ after }).apply(work, node, dag.getNodeAttribute(node, "ms")));
  }
  const results = await Promise.all(tasks.values());
  const wallMs = performance.now() - started;
  if (results.join() !== [...tasks.keys()].join()) throw new Error("a task returned the result of another");

  const runs = await nodeRuns(tasks);
  const early = dag.filterEdges((_edge, _attributes, parent, child) => {
    const [before, after] = [runs.get(parent), runs.get(child)];
    return !before || !after || after.start < before.end;
  });
  if (early.length > 0)
    throw new Error(`${early.length} of ${dag.size} edges were violated: a task started before its parent had ended`);

  const engines = [...new Set([...runs.values()].map(({ engine }) => engine))].sort((a, b) => a - b);
  printTable(
    ["engine", "tasks", "busy"],
    engines.map((engine) => {
      const own = [...runs.values()].filter((run) => run.engine === engine);
      const busy = own.reduce((sum, { start, end }) => sum + end - start, 0);
      return [String(engine), String(own.length), `${(busy / 1000).toFixed(2)} s`];
    }),
  );
  console.log(`\nwall ${(wallMs / 1000).toFixed(2)} s`);
  console.log(`checked: all ${dag.size} edges were kept: no task started before its parents had ended`);
  const [file] = positionals;
  if (file !== undefined) {
    writeFileSync(file, drawDag(dag, runs));
    console.log(`drawn to ${file}`);
  }
} finally {
  await client.close();
}

/** When and where each node ran, by the engines' clocks. */
async function nodeRuns(tasks: ReadonlyMap<string, AsyncResult<string>>): Promise<Map<string, NodeRun>> {
  const runs = new Map<string, NodeRun>();
  for (const [node, task] of tasks) {
    const metadata = await task.metadata();
    const { started, completed, engineId } = Array.isArray(metadata) ? metadata[0] : metadata;
    if (!started || !completed || engineId === undefined)
      throw new Error(`the metadata of node ${node} lacks its engine or times`);
    runs.set(node, { start: started.getTime(), end: completed.getTime(), engine: engineId });
  }
  const origin = Math.min(...[...runs.values()].map(({ start }) => start));
  for (const run of runs.values()) {
    run.start -= origin;
    run.end -= origin;
  }
  return runs;
}
