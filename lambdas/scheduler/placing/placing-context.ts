import type { Configured } from "../ports/cluster-config.ts";
import type { Chance, EngineStarter, Log } from "../ports/scheduler-ports.ts";
import type { EngineAccess, FleetAccess, JobAccess } from "../rows/row-access.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/** For functions that build leases as engines receive them, or check the code in them. */
export interface GrantContext extends JobAccess, Configured {}

/** For functions that decide the outcomes of the tasks in an engine's report. */
export interface VerdictContext extends FleetAccess, Chance {}

/** For functions that start engines for the leases in their rows. */
export interface StartingContext extends GrantContext, EngineAccess, Log, EngineStarter {}

/** For functions that take work back from engines and claimers that are lost. They start no engine. */
export interface RecoveryContext extends SettlingContext, EngineAccess, Chance {}

/** For functions that give queued work to engines. */
export interface PlacingContext extends RecoveryContext, StartingContext {}
