import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { peerRequire } from "./peer-package.ts";
import type { PeerTask } from "./peer-task.ts";

/** As much of Restate's SDK as the endpoints use. */
interface Restate {
  service(definition: { name: string; handlers: Record<string, (context: Context, input: never) => unknown> }): object;
  createEndpointHandler(options: {
    services: object[];
  }): (request: Http2ServerRequest, response: Http2ServerResponse) => void;
  RestatePromise: {
    all<T>(promises: RestatePromise<T>[]): RestatePromise<T[]>;
    race<T>(promises: RestatePromise<T>[]): RestatePromise<T>;
  };
}

export interface RestatePromise<T> extends PromiseLike<T> {
  map<U>(fn: (value: T) => U): RestatePromise<U>;
}

export interface Context {
  serviceClient(service: { name: string }): WorkerService;
}

/** What a worker endpoint offers. */
interface WorkerService {
  run(task: PeerTask): RestatePromise<unknown>;
  fibonacci(n: number): RestatePromise<number>;
}

/** What is asked of the service that fans out. */
export interface GraphInput {
  parents: number[][];
  tasks: PeerTask[];
}

// The SDK uses what Node has from version 22 on. It is all that it lacks on Node 20.
if (!("withResolvers" in Promise))
  Object.defineProperty(Promise, "withResolvers", {
    value: () => {
      const resolvers: Record<string, unknown> = {};
      const promise = new Promise((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
      return { promise, ...resolvers };
    },
  });

export const restate: Restate = peerRequire("@restatedev/restate-sdk");

/** The service of a worker endpoint, by its number. */
export const workerService = (at: number): string => `worker${at}`;
export const FAN_OUT = "fanOut";
