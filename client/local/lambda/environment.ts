import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { InvocationHeader } from "./environment-bootstrap.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import { type Death, deathOutcome, type InvocationOutcome } from "./function-failure.ts";
import { INIT_MS } from "./lambda-limits.ts";

/** Settings of an environment. */
export interface EnvironmentSetup {
  /** The bundled bootstrap. */
  bootstrap: string;
  functionArn: string;
  /** The function's folder, which is its working directory too. */
  folder: string;
  variables: Record<string, string>;
  memoryMb: number;
  timeoutSeconds: number;
  /** Where stdout and stderr go. */
  log: (text: string) => void;
}

/** An invocation of a function. */
export interface Invocation {
  requestId: string;
  payload: Buffer;
  trace: string;
  tenant?: string | undefined;
  clientContext?: string | undefined;
}

/** The V8 heap's share of an environment's memory; the rest is for buffers, stacks and Node itself. */
const HEAP_SHARE = 0.9;

/** One execution environment: a process that holds a function's module and runs one invocation at a time. */
export class Environment {
  /** Resolves to true when the module is loaded, or to false if the process ends first. */
  readonly started: Promise<boolean>;
  /** The running invocation. */
  current: Invocation | undefined;
  /** When it last became idle, epoch milliseconds. */
  idleSince = 0;
  readonly #setup: EnvironmentSetup;
  readonly #child: ChildProcess;
  readonly #link: Socket;
  #settle: ((outcome: InvocationOutcome) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #death: Death | undefined;
  #dead = false;
  #onStarted: (loaded: boolean) => void = () => {};
  readonly #onDeath: () => void;

  constructor(setup: EnvironmentSetup, onDeath: () => void) {
    this.#setup = setup;
    this.#onDeath = onDeath;
    this.started = new Promise((resolve) => {
      this.#onStarted = resolve;
    });
    const heapMb = Math.floor(setup.memoryMb * HEAP_SHARE);
    this.#child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, setup.bootstrap, setup.functionArn], {
      cwd: setup.folder,
      env: setup.variables,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", setup.log);
    this.#child.stderr?.setEncoding("utf8").on("data", setup.log);
    const link = this.#child.stdio[3];
    if (!(link instanceof Socket)) throw new Error("an environment was started without its socket");
    this.#link = link;
    const frames = new FrameReader();
    this.#link.on("data", (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) this.#receive(frame);
    });
    this.#link.on("error", () => {});
    this.#watchEnd();
    this.#timer = setTimeout(() => this.kill({ by: "timeout", seconds: INIT_MS / 1000 }), INIT_MS);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the process has ended or is being killed. */
  get dead(): boolean {
    return this.#dead || this.#death !== undefined;
  }

  /** Runs one invocation. Never rejects: if the process dies, that is an outcome too. */
  run(invocation: Invocation): Promise<InvocationOutcome> {
    const { requestId, trace, tenant, clientContext } = invocation;
    this.current = invocation;
    const limitMs = this.#setup.timeoutSeconds * 1000;
    const header: InvocationHeader = { requestId, deadline: Date.now() + limitMs, trace, tenant, clientContext };
    return new Promise((resolve) => {
      this.#settle = resolve;
      if (this.#dead) return this.#finish(deathOutcome(this.#death ?? { by: "exit", code: 1 }, requestId));
      this.#timer = setTimeout(() => this.kill({ by: "timeout", seconds: this.#setup.timeoutSeconds }), limitMs);
      this.#link.write(encodeFrame("invoke", JSON.stringify(header), invocation.payload));
    });
  }

  /** Kills the process. A running invocation fails with `death`. */
  kill(death: Death = { by: "signal", signal: "SIGKILL" }): void {
    this.#death ??= death;
    this.#child.kill("SIGKILL");
  }

  #receive({ kind, payload }: Frame): void {
    switch (kind) {
      case "ready":
        clearTimeout(this.#timer);
        this.#onStarted(true);
        return;
      case "fatal":
        // The process then exits, but its exit code is not the cause.
        this.#death ??= { by: "init", payload: Buffer.from(payload) };
        return;
      case "ok":
      case "error":
      case "invalid":
        this.#finish({ status: kind, payload });
        return;
      case "invoke":
        return;
    }
  }

  #watchEnd(): void {
    const ended = new Promise<Death>((resolve) => {
      this.#child.once("exit", (code, signal) =>
        resolve(signal ? { by: "signal", signal } : { by: "exit", code: code ?? 1 }),
      );
      this.#child.once("error", () => resolve({ by: "exit", code: 1 }));
    });
    const drained = new Promise((resolve) => this.#link.once("close", resolve));
    // Messages sent before it ended come first.
    void Promise.all([ended, drained]).then(([death]) => {
      this.#dead = true;
      this.#death ??= death;
      clearTimeout(this.#timer);
      this.#onStarted(false);
      this.#onDeath();
      if (this.current) this.#finish(deathOutcome(this.#death, this.current.requestId));
    });
  }

  #finish(outcome: InvocationOutcome): void {
    clearTimeout(this.#timer);
    if (outcome.status === "error")
      this.#setup.log(`${this.current?.requestId}\tERROR\tInvoke Error\t${outcome.payload}\n`);
    this.current = undefined;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}
