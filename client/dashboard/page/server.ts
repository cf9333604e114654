import { EventStream, type StreamEvent } from "../event-stream.ts";

/** How long to wait before connecting again, in milliseconds. */
const AGAIN_MS = 1500;
const STORED = "fantail-key";

/**
 * Takes the key out of the page's address, where it should not stay, and keeps it for this tab. The key is sent in a
 * header, not in a cookie, which browsers would send to other ports of this machine too.
 */
function takeKey(): string | null {
  const given = /^#key=([\w-]+)/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(STORED, given);
    history.replaceState(null, "", "#/");
  }
  return sessionStorage.getItem(STORED);
}

/** The server of this page. */
export class DashboardServer {
  readonly #key = takeKey();
  #connection: AbortController | undefined;
  #job: string | undefined;

  get hasKey(): boolean {
    return this.#key !== null;
  }

  /** Reads something. */
  get<T>(path: string): Promise<T> {
    return this.#ask<T>(path, {});
  }

  /** Does something. */
  post<T>(path: string, body: object): Promise<T> {
    return this.#ask<T>(path, { method: "POST", body: JSON.stringify(body) });
  }

  /**
   * Receives events, including those of a job if one is given, until the next call. Connects again if the connection
   * breaks.
   */
  listen(job: string | undefined, on: (event: StreamEvent) => void, state: (isConnected: boolean) => void): void {
    if (this.#connection && this.#job === job) return;
    this.leave();
    const connection = new AbortController();
    this.#connection = connection;
    this.#job = job;
    void this.#follow(job, connection.signal, on, state);
  }

  /** Ends the connection. */
  leave(): void {
    this.#connection?.abort();
    this.#connection = undefined;
  }

  async #follow(
    job: string | undefined,
    signal: AbortSignal,
    on: (event: StreamEvent) => void,
    state: (isConnected: boolean) => void,
  ): Promise<void> {
    const path = job === undefined ? "/events" : `/events?job=${encodeURIComponent(job)}`;
    while (!signal.aborted) {
      try {
        const { body, ok } = await fetch(path, { headers: this.#headers(), signal });
        if (!ok || !body) throw new Error("not connected");
        on({ name: "begin", data: "" });
        state(true);
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
        const stream = new EventStream();
        for (let part = await reader.read(); !part.done; part = await reader.read())
          for (const event of stream.add(part.value)) if (!signal.aborted) on(event);
      } catch {
        // Connect again.
      }
      if (signal.aborted) return;
      state(false);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async #ask<T>(path: string, options: RequestInit): Promise<T> {
    const response = await fetch(path, { ...options, headers: this.#headers() });
    const given: T & { error?: string } = await response.json();
    if (!response.ok) throw new Error(given.error ?? `the dashboard server responded with status ${response.status}`);
    return given;
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#key ?? ""}` };
  }
}
