/** The signals by which a terminal or a supervisor asks a command to end. */
export const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
