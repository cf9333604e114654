/** A helper in another file than its caller. */
export function helperThatThrows({ depth }: { depth: number }): never {
  if (depth > 0) return helperThatThrows({ depth: depth - 1 });
  throw new TypeError("too deep");
}
