/** Options for sending a function. */
export interface ShipOptions {
  /**
   * Whether to capture variables. If false, a name that is neither declared in the function nor a global is an error.
   * Default: true.
   */
  capture?: boolean;
  /** Names or paths of captured variables and fields to send although they look like credentials. Default: none. */
  allowSecrets?: readonly string[];
}
