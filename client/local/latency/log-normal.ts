import { seededUniform } from "./seeded-uniform.ts";

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/**
 * Returns the standard deviation of the logarithm of a log-normal distribution with this median and 99th percentile.
 */
export function sigmaOf(median: number, p99: number): number {
  return Math.log(p99 / median) / Z99;
}

/**
 * Returns a source of log-normal random numbers that is determined by the seed and the name.
 *
 * Each name has its own sequence, so that calls of one kind do not affect the draws of another.
 */
export function logNormalDraws(seed: number, name: string, median: number, p99: number): () => number {
  const uniform = seededUniform(mix(seed, name));
  const sigma = sigmaOf(median, p99);
  return () => {
    // Box-Muller transform: two uniform numbers make a normal one. The first must not be 0.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * uniform()));
  };
}

/** Returns the FNV-1a hash of the name, starting from the seed. */
function mix(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}
