import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import type { FleetAccess, JobAccess } from "../rows/row-access.ts";

/** Ends tasks, and queues those that waited for them. It gives no engine work, and starts none. */
export interface SettlingContext extends JobAccess, FleetAccess, Clock, RemembersQueues {}
