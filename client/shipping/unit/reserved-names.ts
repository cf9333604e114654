/**
 * Names that the unit's own text uses. Shipped functions can see them, so they are names that users are unlikely to
 * choose.
 */

/** The unit's runtime on the engine. */
export const RUNTIME = "fantail$";
/** The parameter that holds a class's parent. */
export const PARENT = "fantail$parent";
