/** The no-op of W1, for piscina's threads. */
export const square = (x: number): number => x * x;
