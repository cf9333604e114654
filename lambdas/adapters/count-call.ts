import { isRecord } from "../protocol/record.ts";
import { noUsage, type Usage } from "../protocol/usage.ts";

/** Receives counts of what AWS bills for. */
export interface UsageSink {
  add(used: Readonly<Usage>): void;
}

/**
 * Names of the commands that read from DynamoDB, so that the capacity they consume is read units. All other commands
 * consume write units.
 */
const READS = /^(?:Get|BatchGet|Query|Scan)/;

/**
 * The step of the SDK's middleware at which a call is counted. The SDK repeats calls in later steps, so each counts
 * once.
 */
export const COUNTED = { step: "initialize" } as const;

/**
 * Returns middleware for an SDK client that counts each of its calls.
 *
 * @example
 * client.middlewareStack.add(countingCalls(sink), COUNTED);
 */
export function countingCalls(sink: UsageSink) {
  return <Args, Answer extends { response: unknown; output: object }>(
    next: (args: Args) => Promise<Answer>,
    { commandName }: { commandName?: string },
  ) =>
    (args: Args): Promise<Answer> =>
      countCall(sink, commandName, () => next(args));
}

/**
 * Makes an SDK call and adds what AWS bills for the call to `sink`: capacity as DynamoDB returns it, requests of Lambda
 * and S3, and the response's bytes. A call that the SDK repeats counts once.
 *
 * @param command name of the SDK's command, such as `PutItemCommand`
 * @param call the rest of the client's middleware
 */
export async function countCall<Answer extends { response: unknown; output: object }>(
  sink: UsageSink,
  command: string | undefined,
  call: () => Promise<Answer>,
): Promise<Answer> {
  const used = noUsage();
  if (command === "InvokeCommand") used.invocations = 1;
  else if (command === "PutObjectCommand") used.puts = 1;
  else if (command === "GetObjectCommand") used.gets = 1;
  try {
    const answer = await call();
    const units = capacityOf("ConsumedCapacity" in answer.output ? answer.output.ConsumedCapacity : undefined);
    used[READS.test(command ?? "") ? "readUnits" : "writeUnits"] += units;
    used.bytesOut = bytesOf(answer.response);
    return answer;
  } catch (error) {
    // The response to a failed condition does not contain the consumed units. The existing row determines them; 1 is
    // their minimum.
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") used.writeUnits = 1;
    throw error;
  } finally {
    sink.add(used);
  }
}

/** Sums consumed capacity, which is a list in the responses to batches. */
function capacityOf(consumed: unknown): number {
  if (Array.isArray(consumed)) return consumed.reduce((sum: number, one: unknown) => sum + capacityOf(one), 0);
  return isRecord(consumed) && typeof consumed.CapacityUnits === "number" ? consumed.CapacityUnits : 0;
}

/** Length of the response's body according to its headers; 0 if they contain no length. */
function bytesOf(response: unknown): number {
  const headers = isRecord(response) && isRecord(response.headers) ? response.headers : {};
  return Number(headers["content-length"] ?? 0);
}
