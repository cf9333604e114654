import * as v from "valibot";
import { WaitGroup } from "./dependency.ts";
import { type BodyRow, bodyCodec } from "./row-body.ts";

const Page = bodyCodec(v.object({ groups: v.array(WaitGroup) }));

/**
 * Encodes the body of a row with wait groups of a job. Each group is already JSON, because its length was measured
 * before.
 */
export function encodeWaitPage(groups: readonly string[]): string {
  return `{"groups":[${groups.join(",")}]}`;
}

/**
 * Parses the wait groups in a row.
 *
 * @throws UnreadableRow for a body that is damaged, or from a newer version
 */
export function parseWaitPage(row: BodyRow): WaitGroup[] {
  return Page.parse(row).groups;
}
