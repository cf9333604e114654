/** Returns how a result ended: `ok`, or the name of its error's class. */
export async function ended(result: PromiseLike<unknown>): Promise<string> {
  try {
    await result;
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.constructor.name : typeof error;
  }
}
