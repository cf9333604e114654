import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import type { FleetAccess, JobAccess } from "../rows/row-access.ts";

/**
 * For functions that claim and end tasks, and queue the tasks that waited for them. They change no engine and start
 * none.
 */
export type SettlingContext = JobAccess & FleetAccess & Clock & RemembersQueues;
