/** Names that the unit's own text uses; a shipped function could see them, so they are not names that one would choose. */

/** What the unit works with on the engine. */
export const RUNTIME = "fantail$";
/** The parameter that stands for what a class extends. */
export const PARENT = "fantail$parent";
