/**
 * The key of the method that `console.log` and Node's `inspect` call to show an object; the same symbol as
 * `util.inspect.custom`.
 */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");
