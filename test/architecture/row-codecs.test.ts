import { expect, it } from "vitest";
import { modulesBelow } from "./module-imports.ts";

/** Ways to read or write the body of a row that bypass the codec of its kind. */
const PAST_CODECS = /JSON\.parse\(|\bbody: (?:JSON\.stringify\(|["'`])/g;

function pastCodecs(text: string): string[] {
  return text.match(PAST_CODECS) ?? [];
}

it("scheduler and client read and write rows only with their codecs", () => {
  const readers = /^(?:lambdas\/(?:scheduler|core)|client\/(?:outcomes|history))\//;
  const modules = ["lambdas", "client"].flatMap(modulesBelow).filter(({ path }) => readers.test(path));
  expect(modules.length).toBeGreaterThan(80);
  expect(modules.flatMap(({ path, text }) => pastCodecs(text).map((found) => `${path}: ${found}`))).toEqual([]);
});

it("the search finds a row that is read or written without its codec", () => {
  expect(pastCodecs("const { a } = JSON.parse(row.body);")).toHaveLength(1);
  expect(pastCodecs('rows.push({ ...key, body: "{}" }, { ...key, body: JSON.stringify(b) });')).toHaveLength(2);
  expect(pastCodecs("rows.push({ ...key, body: queueEntryBody.encode(entry) });")).toEqual([]);
});
