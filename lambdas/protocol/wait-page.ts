import * as v from "valibot";
import { WaitGroup } from "./dependency.ts";
import { type BodyRow, bodyCodec } from "./row-body.ts";

const Page = bodyCodec(v.object({ groups: v.array(WaitGroup) }));

/** The body of a row with some wait groups of a job, each of which is JSON already, since its length was looked at. */
export function encodeWaitPage(groups: readonly string[]): string {
  return `{"groups":[${groups.join(",")}]}`;
}

/** @throws UnreadableRow for a body of a newer version, or one that is damaged */
export function parseWaitPage(row: BodyRow): WaitGroup[] {
  return Page.parse(row).groups;
}
