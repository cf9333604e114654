import type { Buffer } from "node:buffer";
import type { Frame } from "./frames.ts";
import type { Death } from "./function-failure.ts";

/** Settings of an environment. */
export interface EnvironmentSetup {
  /** The bundled bootstrap. */
  bootstrap: string;
  functionArn: string;
  /** The function's folder; in a process it is the working directory too. */
  folder: string;
  variables: Record<string, string>;
  memoryMb: number;
  timeoutSeconds: number;
  /** Whether it is a thread of the cloud's process. Default: a process. */
  isThread?: boolean;
  /** Where stdout and stderr go. */
  log: (text: string) => void;
}

/** The process or thread in which an environment runs. */
export interface Host {
  /** Its process, unless it shares the cloud's. */
  pid: number | undefined;
  /** Sends an invocation. */
  invoke(header: string, payload: Buffer): void;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
}

/** What a host tells. */
export interface HostEvents {
  received(frame: Frame): void;
  /** Called once, after all that it sent was received. */
  ended(death: Death): void;
}
