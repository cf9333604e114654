import type { LatencyModel } from "../../latency/latency-model.ts";

/** Delays one request as the latency model says. */
export class Pace {
  readonly #latency: LatencyModel;
  readonly #kind: "s3Read" | "s3Write";
  readonly #waited: (ms: number) => void;

  /** @param waited called with each delay in milliseconds */
  constructor(latency: LatencyModel, method: string | undefined, waited: (ms: number) => void) {
    this.#latency = latency;
    this.#kind = method === "GET" || method === "HEAD" ? "s3Read" : "s3Write";
    this.#waited = waited;
  }

  /** Waits as long as S3 takes to receive the request's content and to begin its answer. */
  async begin(contentBytes: number): Promise<void> {
    this.#waited(await this.#latency.wait(this.#kind, contentBytes));
  }

  /** Waits as long as the answer's content takes. */
  async answer(contentBytes: number): Promise<void> {
    this.#waited(await this.#latency.transfer(this.#kind, contentBytes));
  }
}
