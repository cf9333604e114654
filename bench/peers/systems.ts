import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installNpmPackages, installPythonPackages, PYTHON } from "./install.ts";
import { SOURCES } from "./peer-folders.ts";
import { installRedis } from "./redis.ts";
import { OURS } from "./summary.ts";

/** A system to measure. */
export interface System {
  name: string;
  /** Makes sure that the system is installed. Rejects with the reason if it cannot be. */
  install(): Promise<unknown>;
  /** Command line of the system's driver. */
  command: readonly string[];
  /** Workloads that the system cannot run, and why. */
  without: Readonly<Record<string, string>>;
  /** Notes for readers of the system's figures. */
  notes: readonly string[];
}

const nodeDriver = (name: string) => [process.execPath, fileURLToPath(new URL(name, import.meta.url))];
const pythonDriver = (name: string) => [PYTHON, join(SOURCES, name)];
const NO_IMAP = "it has no map over a generator with a window";

/** fantail and its peers, in the order in which they are shown. */
export const SYSTEMS: readonly System[] = [
  {
    name: OURS,
    install: async () => undefined,
    command: nodeDriver("fantail-driver.js"),
    without: {},
    notes: ["on the embedded cloud; hwm adaptive, in W10 hwm 1"],
  },
  {
    name: "ipyparallel",
    install: installPythonPackages,
    command: pythonDriver("ipyparallel_driver.py"),
    without: { W9: "a task cannot wait for another: an engine runs one at a time" },
    notes: ["as shipped: scheme leastload, hwm 1; a killed engine is not replaced"],
  },
  {
    name: "dask",
    install: installPythonPackages,
    command: pythonDriver("dask_driver.py"),
    without: { W8: NO_IMAP },
    notes: ["worker processes of one thread; in W10 worker-saturation 1.0; nothing is kept on disk"],
  },
  {
    name: "bullmq",
    install: () => Promise.all([installNpmPackages(), installRedis()]),
    command: nodeDriver("bullmq-driver.js"),
    without: { W8: NO_IMAP },
    notes: [
      "worker processes of concurrency 1; Redis appends to a file, synchronized each second",
      "W5: base64 in JSON; W6: the client waits for parents; W7: a lost job is found after 30 s, BullMQ's default",
    ],
  },
  {
    name: "restate",
    install: installNpmPackages,
    command: nodeDriver("restate-driver.js"),
    without: {
      W8: NO_IMAP,
      W10: "it has no limit of tasks per worker",
    },
    notes: [
      "one server; a durable handler fans out to the workers in turn; a worker runs one task at a time",
      "W5: base64 in JSON over 8 connections; W7: the driver restarts the killed worker after 1 s",
    ],
  },
  {
    name: "piscina",
    install: async () => undefined,
    command: nodeDriver("piscina-driver.js"),
    without: {
      W7: "its workers are threads of the client",
      W8: NO_IMAP,
      W9: "a task cannot submit tasks",
      W10: "it has no setting of the kind",
      W12: "it has no retries",
    },
    notes: ["threads of the client's process; nothing is kept, no second machine; W6: the client waits for parents"],
  },
];
