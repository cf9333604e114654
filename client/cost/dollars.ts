/** Formats dollars with at least two significant digits and no exponent: `0.000042`, `1.25`. */
export function dollars(usd: number): string {
  if (usd === 0) return "0";
  const digits = Math.max(2, 1 - Math.floor(Math.log10(usd)));
  return usd.toFixed(Math.min(digits, 9));
}
