import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { S3Error } from "./s3-error.ts";
import { type XmlFields, xmlDocument } from "./xml.ts";

type Headers = Record<string, string | number>;

export function answerEmpty(response: ServerResponse, status: number, headers: Headers = {}): void {
  // 204 and 304 have no body, so they must not state a length.
  const length: Headers = status === 204 || status === 304 ? {} : { "content-length": 0 };
  response.writeHead(status, { ...length, ...headers }).end();
}

export function answerXml(response: ServerResponse, root: string, fields: XmlFields, headers: Headers = {}): void {
  sendXml(response, 200, xmlDocument(root, fields), headers);
}

/**
 * Sends an error as XML.
 *
 * @param hasBody false for the answer to HEAD
 */
export function answerError(response: ServerResponse, error: S3Error, resource: string, hasBody: boolean): void {
  const { code, message, status, details } = error;
  const requestId = String(response.getHeader("x-amz-request-id"));
  const headers: Headers =
    details.ActualObjectSize === undefined ? {} : { "content-range": `bytes */${details.ActualObjectSize}` };
  const fields = { Code: code, Message: message, ...details, Resource: resource, RequestId: requestId };
  if (hasBody) sendXml(response, status, xmlDocument("Error", fields), headers);
  else response.writeHead(status, { "content-type": "application/xml", ...headers }).end();
}

function sendXml(response: ServerResponse, status: number, text: string, headers: Headers): void {
  const own = { "content-type": "application/xml", "content-length": Buffer.byteLength(text) };
  response.writeHead(status, { ...own, ...headers }).end(text);
}
