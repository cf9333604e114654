import { createHash } from "node:crypto";

/**
 * One pass of a chain of calls through a function.
 *
 * Lambda detects functions that call each other endlessly: each invocation has a trace header, which the SDK sends with
 * its own calls and which counts the passes through each function. AWS does not document the header's format. Here it
 * is `Lineage=<count>:<function>|<count>:<function>`, with `Parent` naming the invocation as in X-Ray.
 */
export interface TracePass {
  /** Trace header of the invocation. */
  trace: string;
  /** How often the chain has reached this function, including this call. */
  hops: number;
}

const LINEAGE = /(?:^|;)Lineage=([^;]*)/;
const names = new Map<string, string>();

/**
 * Counts a pass through a function and returns the invocation's trace header.
 *
 * @param received the caller's trace header
 */
export function passTrace(received: string | undefined, functionArn: string, requestId: string): TracePass {
  const self = shortName(functionArn);
  const counts = new Map<string, number>();
  for (const entry of LINEAGE.exec(received ?? "")?.[1]?.split("|") ?? []) {
    const [count, name] = entry.split(":");
    if (name !== undefined) counts.set(name, Number(count));
  }
  const hops = (counts.get(self) ?? 0) + 1;
  counts.set(self, hops);
  const lineage = [...counts].map(([name, count]) => `${count}:${name}`).join("|");
  const root =
    received?.match(/(?:^|;)(Root=[^;]*)/)?.[1] ??
    `Root=1-${requestId.slice(0, 8)}-${requestId.replaceAll("-", "").slice(8)}`;
  const parent = requestId.replaceAll("-", "").slice(-16);
  return { trace: `${root};Parent=${parent};Lineage=${lineage}`, hops };
}

function shortName(functionArn: string): string {
  let name = names.get(functionArn);
  if (name === undefined) {
    name = createHash("sha256").update(functionArn).digest("hex").slice(0, 8);
    names.set(functionArn, name);
  }
  return name;
}
