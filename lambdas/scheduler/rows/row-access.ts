import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { RemembersJobs } from "../memory/job-memory.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { Clock, Log, Randomness, StoreAccess, SweepSwitch } from "../ports/scheduler-ports.ts";

/** Reads rows and logs those that cannot be read. */
export interface LoggedRows extends StoreAccess, Log {}

/** Reads the rows of jobs, from memory if they are known. */
export interface JobAccess extends StoreAccess, RemembersJobs {}

/** Reads the rows of single engines. */
export interface EngineReads extends StoreAccess, RemembersFleet {}

/** Changes the rows of single engines. A random tag identifies each change. */
export interface EngineAccess extends EngineReads, Randomness {}

/** Lists the engines and reads the other rows in their partition. */
export interface FleetAccess extends EngineReads, Log, Configured {}

/** Checks that a message comes from an engine's session. */
export type SessionAccess = JobAccess & FleetAccess & Clock;

/** Signs lease tokens. */
export interface TokenAccess extends EngineAccess, Clock, Log {}

/** Keeps the one-minute rule on while a job is open. */
export interface SweepAccess extends EngineReads, Clock, Log, SweepSwitch {}
