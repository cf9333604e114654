import { statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";

const FORMATS = ["html", "svg", "json"] as const;

/** How a timeline is written: a page, a picture, or Chrome's trace events. */
export type TimelineFormat = (typeof FORMATS)[number];

/** A file to write a timeline to. */
export interface TimelineFile {
  path: string;
  format: TimelineFormat;
}

/**
 * Checks the name of a file for a timeline.
 *
 * @throws InvalidFlag if its extension is not that of a format, or its folder does not exist
 */
export function timelineFile(name: unknown): TimelineFile {
  if (typeof name !== "string") throw new InvalidFlag("file", `must be the path of a file, not ${kindOf(name)}`);
  const format = FORMATS.find((one) => extname(name).toLowerCase() === `.${one}`);
  if (format === undefined)
    throw new InvalidFlag("file", `must end in .html, .svg or .json (Chrome's trace events), not ${quoted(name)}`);
  const path = resolve(name);
  const folder = dirname(path);
  if (!isFolder(folder))
    throw new InvalidFlag("file", `${quoted(name)} cannot be written: create the folder ${folder} first`);
  return { path, format };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function kindOf(value: unknown): string {
  return value === null ? "null" : `a value of type ${typeof value}`;
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
