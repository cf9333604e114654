import { describe, expect, it } from "vitest";
import { type FieldQuery, matches, parseQuery } from "../../client/history/query-match.ts";
import { InvalidQuery } from "../../lambdas/protocol/errors.ts";

const record = {
  label: "census",
  engineId: 3,
  submitted: new Date(1000),
  started: undefined,
  after: ["a", "b"],
  follow: [],
  ok: true,
};
const KEYS = Object.keys(record);
const meets = (query: Record<string, FieldQuery>) => matches(record, parseQuery(query, KEYS));

describe("a query", () => {
  it.each<[string, Record<string, FieldQuery>, boolean]>([
    ["nothing", {}, true],
    ["a bare value", { label: "census" }, true],
    ["a bare value that differs", { label: "other" }, false],
    ["undefined, which sets no condition", { label: undefined }, true],
    ["$eq", { engineId: { $eq: 3 } }, true],
    ["$eq of another kind", { engineId: { $eq: "3" } }, false],
    ["$ne", { engineId: { $ne: 3 } }, false],
    ["$ne of another value", { engineId: { $ne: 4 } }, true],
    ["a value below $lt", { engineId: { $lt: 4 } }, true],
    ["a value equal to $lt", { engineId: { $lt: 3 } }, false],
    ["a value equal to $lte", { engineId: { $lte: 3 } }, true],
    ["a value above $lte", { engineId: { $lte: 2 } }, false],
    ["a value above $gt", { engineId: { $gt: 2 } }, true],
    ["a value below $gt", { engineId: { $gt: 4 } }, false],
    ["a value equal to $gt", { engineId: { $gt: 3 } }, false],
    ["a value equal to $gte", { engineId: { $gte: 3 } }, true],
    ["a value below $gte", { engineId: { $gte: 4 } }, false],
    ["$in with it", { label: { $in: ["x", "census"] } }, true],
    ["$in without it", { label: { $in: ["x"] } }, false],
    ["$nin with it", { label: { $nin: ["census"] } }, false],
    ["$nin without it", { label: { $nin: ["x"] } }, true],
    ["$exists of a present field", { label: { $exists: true } }, true],
    ["$exists of an absent field", { started: { $exists: true } }, false],
    ["$exists: false", { started: { $exists: false } }, true],
    ["$glob with *", { label: { $glob: "cen*" } }, true],
    ["$glob with ?", { label: { $glob: "c?nsus" } }, true],
    ["$glob that must match all of it", { label: { $glob: "cen" } }, false],
    ["$glob whose dot is a dot", { label: { $glob: "c.nsus" } }, false],
    ["$glob of a number", { engineId: { $glob: "*" } }, false],
    ["a date", { submitted: new Date(1000) }, true],
    ["a date by milliseconds", { submitted: { $gte: 1000, $lt: 1001 } }, true],
    ["a date range", { submitted: { $gt: new Date(999), $lt: new Date(1000) } }, false],
    ["null, which absent fields equal", { started: null }, true],
    ["$ne null", { started: { $ne: null } }, false],
    ["$in with null", { started: { $in: [null] } }, true],
    ["$lt of an absent field", { started: { $lt: new Date() } }, false],
    ["$gte of an absent field", { started: { $gte: new Date(0) } }, false],
    ["a text compared with a number", { label: { $gt: 1 } }, false],
    ["one element of a list", { after: "b" }, true],
    ["no element of a list", { after: "c" }, false],
    ["$ne of an element of a list", { after: { $ne: "a" } }, false],
    ["$in among a list's elements", { after: { $in: ["x", "a"] } }, true],
    ["an element of an empty list", { follow: "a" }, false],
    ["a boolean", { ok: true }, true],
    ["two keys that both match", { label: "census", engineId: 3 }, true],
    ["two keys, the first of which differs", { label: "x", engineId: 3 }, false],
    ["two keys, the second of which differs", { label: "census", engineId: 4 }, false],
    ["two operators on one key", { engineId: { $gt: 1, $ne: 3 } }, false],
  ])("the condition of a query holds as expected: %s", (_, query, expected) => expect(meets(query)).toBe(expected));

  it.each<[string, unknown, string]>([
    ["an unknown key", { labels: "x" }, "labels"],
    ["an unknown operator", { label: { $le: 3 } }, "$le"],
    ["a key without an operator", { label: { eq: 3 } }, "eq"],
    ["a bare list", { label: ["a"] }, "$in"],
    ["$in without a list", { label: { $in: "a" } }, "$in"],
    ["$exists of a number", { label: { $exists: 1 } }, "$exists"],
    ["$glob of a number", { label: { $glob: 1 } }, "$glob"],
    ["$lt of an object", { engineId: { $lt: {} } }, "$lt"],
    ["a function", { label: () => true }, "label"],
    ["a list of queries", [], "object"],
  ])("a query with %s is refused, and the error names it", (_, query, named) => {
    const parse = () => parseQuery(query as Record<string, FieldQuery>, KEYS);
    expect(parse).toThrow(InvalidQuery);
    expect(parse).toThrow(named);
  });
});
