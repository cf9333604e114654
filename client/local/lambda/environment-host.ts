import type { Buffer } from "node:buffer";
import type { Frame } from "./frames.ts";
import type { Death } from "./function-failure.ts";

/** Settings of an environment. */
export interface EnvironmentSetup {
  /** The bundled bootstrap. */
  bootstrap: string;
  functionArn: string;
  /** The function's folder. If the environment is a process, also its working directory. */
  folder: string;
  variables: Record<string, string>;
  memoryMb: number;
  timeoutSeconds: number;
  /** Whether the environment is a thread of the cloud's process. Default: false, it is a process of its own. */
  isThread?: boolean;
  /** Receives the text of stdout and stderr. */
  log: (text: string) => void;
}

/** The process or thread in which an environment runs. */
export interface Host {
  /** The process's id; undefined for a thread, or if the process could not be started. */
  pid: number | undefined;
  invoke(header: string, payload: Buffer): void;
  /** Ends the process or thread immediately, whatever it is doing. */
  kill(): void;
}

/** Callbacks of a host. */
export interface HostEvents {
  received(frame: Frame): void;
  /** Called once, after the last frame. */
  ended(death: Death): void;
}
