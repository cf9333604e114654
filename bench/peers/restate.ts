import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { peerRequire } from "./peer-package.ts";
import type { PeerTask } from "./peer-task.ts";

/** The part of Restate's SDK that the endpoints use. */
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

/** The handlers of a worker endpoint. */
interface WorkerService {
  run(task: PeerTask): RestatePromise<unknown>;
  fibonacci(n: number): RestatePromise<number>;
}

/** Input of the fan-out service's `graph` handler. */
export interface GraphInput {
  parents: number[][];
  tasks: PeerTask[];
}

// The only function that the SDK needs and Node 20 lacks.
if (!("withResolvers" in Promise))
  Object.defineProperty(Promise, "withResolvers", {
    value: () => {
      const resolvers: Record<string, unknown> = {};
      const promise = new Promise((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
      return { promise, ...resolvers };
    },
  });

export const restate: Restate = peerRequire("@restatedev/restate-sdk");

/** Returns the name of a worker endpoint's service. */
export const workerService = (at: number): string => `worker${at}`;
export const FAN_OUT = "fanOut";
