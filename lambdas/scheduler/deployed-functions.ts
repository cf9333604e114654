/** Names of the functions that were bundled at deploy. The construct puts a list in this file's place when there are some. */
export const deployedFunctions: readonly string[] = [];
