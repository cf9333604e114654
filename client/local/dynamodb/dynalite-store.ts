import { EventEmitter } from "node:events";
import type { IncomingHttpHeaders, Server } from "node:http";
import dynalite from "dynalite";
import databases from "dynalite/db/index.js";
import { invariant } from "../../../lambdas/protocol/invariant.ts";
import { closeIterators, type LevelDatabase } from "./closing-streams.ts";

export interface DynamoDbAnswer {
  status: number;
  headers: Record<string, string | number>;
  body: string;
}

/** A dummy signature for this process's own requests; dynalite checks only its form. */
const OWN_HEADERS = {
  "content-type": "application/x-amz-json-1.0",
  authorization:
    "AWS4-HMAC-SHA256 Credential=cloud/20000101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
  "x-amz-date": "20000101T000000Z",
};

/**
 * dynalite without its socket: the endpoint receives requests and passes on complete ones that are allowed.
 *
 * If dynalite received requests itself, a client that died in the middle of one would make dynalite throw and end its
 * process.
 */
export class DynaliteStore {
  /**
   * dynalite's own server, without its handler: the endpoint handles the requests. Closing the server closes the
   * database.
   */
  readonly server: Server;
  /** Resolves once data can be read and written; rejects with LevelDB's reason if the database cannot be opened. */
  readonly ready: Promise<void>;
  /** dynalite's handler. It accepts request and response objects simpler than Node's. */
  readonly #handle: (request: object, response: object) => void;

  /** @param path folder for the data; undefined: memory */
  constructor(path: string | undefined) {
    const { server, database } = open({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    closeIterators(database);
    this.ready = database.open();
    this.server = server;
    const [handle] = this.server.listeners("request");
    invariant(handle, "dynalite's server has no request listener");
    this.#handle = (request, response) => Reflect.apply(handle, server, [request, response]);
    this.server.removeAllListeners("request");
  }

  request(headers: IncomingHttpHeaders, body: string, answered: (answer: DynamoDbAnswer) => void): void {
    const request = Object.assign(new EventEmitter(), { method: "POST", url: "/", headers });
    let isAnswered = false;
    const collected: Record<string, string | number> = {};
    const response = {
      statusCode: 200,
      setHeader(name: string, value: string | number) {
        collected[name.toLowerCase()] = value;
      },
      end(text = "") {
        isAnswered = true;
        answered({ status: this.statusCode, headers: collected, body: text });
      },
    };
    this.#handle(request, response);
    try {
      request.emit("data", body);
      request.emit("end");
    } catch (error) {
      if (isAnswered) throw error;
      // dynalite throws on some malformed requests, before it changes anything.
      const failure = { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: String(error) };
      answered({
        status: 500,
        headers: { "content-type": "application/x-amz-json-1.0" },
        body: JSON.stringify(failure),
      });
    }
  }

  /** Calls an operation on behalf of the cloud itself. */
  call(operation: string, parameters: unknown): Promise<DynamoDbAnswer> {
    const headers = { ...OWN_HEADERS, "x-amz-target": `DynamoDB_20120810.${operation}` };
    return new Promise((resolve) => this.request(headers, JSON.stringify(parameters), resolve));
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** Creates a dynalite server and captures its database, which dynalite does not expose. */
function open(options: Parameters<typeof dynalite>[0]): { server: Server; database: LevelDatabase } {
  const { create } = databases;
  let database: LevelDatabase | undefined;
  databases.create = (given) => {
    const store = create(given);
    database = store.db;
    return store;
  };
  try {
    const server = dynalite(options);
    invariant(database, "dynalite did not create its database through dynalite/db");
    return { server, database };
  } finally {
    databases.create = create;
  }
}
