import { S3Error } from "./s3-error.ts";

/** The subset of XML that S3's requests and responses use. */

/** Content of an element. Undefined omits the element; a list repeats it. */
type XmlValue = string | number | boolean | undefined | XmlFields | readonly XmlValue[];
export interface XmlFields {
  readonly [name: string]: XmlValue;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Writes a document in S3's namespace. Errors have no namespace. */
export function xmlDocument(root: string, fields: XmlFields): string {
  const namespace = root === "Error" ? "" : ` xmlns="${NAMESPACE}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${xmlFields(fields)}</${root}>`;
}

function xmlFields(fields: XmlFields): string {
  return Object.entries(fields)
    .map(([name, value]) => xmlElement(name, value))
    .join("");
}

function xmlElement(name: string, value: XmlValue): string {
  if (value === undefined) return "";
  if (isList(value)) return value.map((one) => xmlElement(name, one)).join("");
  return `<${name}>${typeof value === "object" ? xmlFields(value) : escaped(String(value))}</${name}>`;
}

function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Escapes control characters too, as S3 does, although XML 1.0 forbids most of them. */
function escaped(text: string): string {
  return text.replace(/[&<>"]|\p{Cc}/gu, (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
}

/** A parsed element: its text, and its children in order. */
export interface ReadElement {
  name: string;
  text: string;
  children: ReadElement[];
}

const TOKEN = /<(?<close>\/)?(?<name>[\w:.-]+)(?:\s[^<>]*?)?(?<empty>\/)?>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|[^<]+/gy;

/**
 * Reads the root element of a document. Ignores attributes, comments and processing instructions.
 *
 * @throws S3Error MalformedXML for anything else, such as a document type
 */
export function readXml(text: string): ReadElement {
  const top: ReadElement = { name: "", text: "", children: [] };
  const open = [top];
  let end = 0;
  for (const token of text.matchAll(TOKEN)) {
    end = token.index + token[0].length;
    const parent = open.at(-1) ?? top;
    const { name, close, empty } = token.groups ?? {};
    if (name === undefined) {
      if (!token[0].startsWith("<")) parent.text += unescaped(token[0]);
    } else if (close !== undefined) {
      if (parent.name !== name || empty !== undefined) throw malformedXml();
      open.pop();
    } else {
      const element = { name, text: "", children: [] };
      parent.children.push(element);
      if (empty === undefined) open.push(element);
    }
  }
  const [root] = top.children;
  if (end !== text.length || open.length > 1 || !root || top.children.length > 1 || top.text.trim() !== "")
    throw malformedXml();
  return root;
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&([^;&]*;?)/g, (_, entity: string) => {
    const name = entity.endsWith(";") ? entity.slice(0, -1) : "";
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const code = number ? Number.parseInt(number[1] ?? number[2] ?? "", number[1] === undefined ? 10 : 16) : undefined;
    const char = code === undefined ? ENTITIES[name] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
    if (char === undefined) throw malformedXml();
    return char;
  });
}

/**
 * Returns the text of an element's child with this name; undefined if there is none.
 *
 * @throws S3Error MalformedXML if there are several
 */
export function childText({ children }: ReadElement, name: string): string | undefined {
  const found = children.filter((child) => child.name === name);
  if (found.length > 1) throw malformedXml();
  return found[0]?.text;
}

export function malformedXml(): S3Error {
  return new S3Error(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}
