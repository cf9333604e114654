import type { Probe } from "../fidelity-cloud.ts";
import { environmentProbes } from "./environment-probes.ts";
import { eventProbes } from "./event-probes.ts";
import { payloadProbes } from "./payload-probes.ts";
import { storageProbes } from "./storage-probes.ts";

/** The rows of the table in order. Probes that take long come last. */
export const probes: readonly Probe[] = [...payloadProbes, ...environmentProbes, ...eventProbes, ...storageProbes];
