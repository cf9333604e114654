/** Names used by the unit's own text. Shipped functions could see them, so they are unlikely to be chosen by users. */

/** The unit's runtime on the engine. */
export const RUNTIME = "fantail$";
/** The parameter that holds what a class extends. */
export const PARENT = "fantail$parent";
