import { DirectedGraph } from "graphology";
import { seededUniform } from "../client/local/latency/seeded-uniform.ts";

/** A node of the graph. Its task works for `ms` milliseconds. */
interface DagNode {
  /** Nodes of layer 0 have no parents. */
  layer: number;
  ms: number;
}

export type Dag = DirectedGraph<DagNode>;

/**
 * Makes a random layered graph. Each node below the first layer depends on one to three nodes of higher layers, most
 * often of the layer just above. Nodes are numbered in random order, as in practice.
 *
 * @param seed equal seeds give equal graphs
 */
export function randomDag(layers: number, width: number, seed: number): Dag {
  const random = seededUniform(seed);
  const below = (end: number) => Math.floor(random() * end);
  const names = Array.from({ length: layers * width }, (_, at) => String(at));
  for (let at = names.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [names[at], names[other]] = [names[other] ?? "", names[at] ?? ""];
  }
  const dag: Dag = new DirectedGraph();
  for (const name of names.toSorted((a, b) => Number(a) - Number(b)))
    dag.addNode(name, { layer: Math.floor(names.indexOf(name) / width), ms: 5 + below(60) });
  for (let layer = 1; layer < layers; layer++)
    for (const name of names.slice(layer * width, (layer + 1) * width))
      for (let parents = 1 + below(3); parents > 0; parents--) {
        const from = random() < 0.8 ? layer - 1 : below(layer);
        dag.mergeEdge(names[from * width + below(width)], name);
      }
  return dag;
}
