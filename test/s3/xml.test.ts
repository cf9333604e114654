import fc from "fast-check";
import { expect, test } from "vitest";
import { childText, readXml, xmlDocument } from "../../client/local/s3/protocol/xml.ts";

test("written XML is read back unchanged", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), (texts) => {
      const read = readXml(xmlDocument("List", { Item: texts.map((Key) => ({ Key })), Count: texts.length }));
      expect(read.name).toBe("List");
      expect(read.children.filter(({ name }) => name === "Item").map((item) => childText(item, "Key"))).toEqual(texts);
      expect(childText(read, "Count")).toBe(String(texts.length));
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("attributes, comments and references are read", () => {
  const read = readXml('<?xml version="1.0"?><!-- a --><D xmlns="x"><K a="1">&lt;&#x41;&#66;&amp;</K><Q/></D>\n');
  expect([childText(read, "K"), childText(read, "Q"), childText(read, "none")]).toEqual(["<AB&", "", undefined]);
});

test("anything outside the supported subset of XML is malformed", () => {
  const documents = [
    "",
    "text",
    "<a>",
    "</a>",
    "<a></b>",
    "<a/><b/>",
    "<a>&none;</a>",
    "<a>&#x110000;</a>",
    "<a>&amp</a>",
  ];
  const declared = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>';
  for (const document of [...documents, declared, "<a><![CDATA[x]]></a>", "<a", "<a/>x"])
    expect(() => readXml(document)).toThrow(/not well-formed/);
});

test("reading a long unfinished document takes time in proportion to its length", () => {
  for (const [begin, unit] of [
    ["<a ", "b"],
    ["", "<a>"],
    ["<a>", "&"],
    ["<!--", "-"],
  ] as const)
    expect(() => readXml(`${begin}${unit.repeat(300_000)}`)).toThrow(/not well-formed/);
});
