import type { Configured } from "../ports/cluster-config.ts";
import type { Chance, EngineStarter, Log } from "../ports/scheduler-ports.ts";
import type { EngineAccess, FleetAccess, JobAccess } from "../rows/row-access.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/** Builds leases as engines receive them. It writes nothing. */
export interface GrantContext extends JobAccess, Configured {}

/** Decides the outcomes of the tasks in an engine's report. */
export interface VerdictContext extends FleetAccess, Chance {}

/** Starts engines for the leases in their rows. */
export interface StartingContext extends GrantContext, EngineAccess, Log, EngineStarter {}

/** Takes work back from engines and claimers that are lost. It starts no engine. */
export interface RecoveryContext extends SettlingContext, EngineAccess, Chance {}

/** Gives queued work to engines. */
export interface PlacingContext extends RecoveryContext, StartingContext {}
