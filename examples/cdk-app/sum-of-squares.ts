import { Client } from "fantail-lambda";

/** This client is used by all invocations in this environment. */
const client = await Client.connect();
const view = client.loadBalancedView();
const square = (x: number): number => x * x;

/** A Lambda function of your own: lets engines square the numbers, and adds up the squares. */
export async function handler({ numbers }: { numbers: number[] }): Promise<{ sum: number; engines: number[] }> {
  const results = view.map(square, numbers);
  const squares = await results;
  const metadata = await results.metadata();
  const engines = [...new Set([metadata].flat().map(({ engineId }) => engineId))].filter(
    (id) => id !== null && id !== undefined,
  );
  return { sum: squares.reduce((sum, one) => sum + one, 0), engines };
}
