/** Names of the functions bundled at deployment. The construct replaces this file with a list if there are any. */
export const deployedFunctions: readonly string[] = [];
