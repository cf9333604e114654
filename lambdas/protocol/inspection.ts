/** The name of the method by which an object tells `console.log`, and Node's `inspect`, what it is; the same symbol as `util.inspect.custom`. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");
