import { Client } from "fantail-lambda";

/** One client for as long as this environment lives. */
const client = await Client.connect();
const view = client.loadBalancedView();
const square = (x: number): number => x * x;

/** A function of the user's own: it has engines square the numbers, and adds up what comes back. */
export async function handler({ numbers }: { numbers: number[] }): Promise<{ sum: number; engines: number[] }> {
  const results = view.map(square, numbers);
  const squares = await results;
  const metadata = await results.metadata();
  const engines = [...new Set([metadata].flat().map(({ engineId }) => engineId))].filter(
    (id) => id !== null && id !== undefined,
  );
  return { sum: squares.reduce((sum, one) => sum + one, 0), engines };
}
