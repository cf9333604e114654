import { performance } from "node:perf_hooks";
import { Piscina } from "piscina";

/**
 * Runs W1 on worker threads of this process, without durability or a second machine: the upper limit for this machine.
 * The limit is measured in the same run as fantail, since the speed of a machine varies.
 *
 * @returns tasks per second
 */
export async function piscinaLimit(n: number, threads: number): Promise<number> {
  const pool = new Piscina({
    filename: new URL("./square-worker.js", import.meta.url).href,
    name: "square",
    minThreads: threads,
    maxThreads: threads,
  });
  try {
    await Promise.all(Array.from({ length: 50 }, (_, x) => pool.run(x)));
    const start = performance.now();
    await Promise.all(Array.from({ length: n }, (_, x) => pool.run(x)));
    return (n / (performance.now() - start)) * 1000;
  } finally {
    await pool.destroy();
  }
}
