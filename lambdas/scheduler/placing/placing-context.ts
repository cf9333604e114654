import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { RemembersJobs } from "../memory/job-memory.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { RemembersUsage } from "../memory/usage-memory.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { Clock, EngineStarter, Log, Randomness } from "../ports/scheduler-ports.ts";
import type { EngineAccess, FleetAccess, JobAccess } from "../rows/row-access.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/** For functions that build leases as engines receive them, or check the code in them. */
export interface GrantContext extends JobAccess, Configured {}

/** For functions that decide the outcomes of the tasks in an engine's report. */
export interface VerdictContext extends FleetAccess, Randomness {}

/** For functions that decide which engine gets which tasks. They do no I/O. */
export type SharingContext = Configured & Randomness & Clock & RemembersFleet & RemembersJobs & RemembersQueues;

/** For functions that start engines for the leases in their rows. */
export type StartingContext = GrantContext & EngineAccess & Log & EngineStarter;

/** For functions that take work back from engines and claimers that are lost. They start no engine. */
export type RecoveryContext = SettlingContext & EngineAccess;

/** For functions that give queued work to engines. */
export type PlacingContext = RecoveryContext & StartingContext & RemembersUsage;
