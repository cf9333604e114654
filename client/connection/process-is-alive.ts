/** Whether a process with this id is running, also if it belongs to another user. */
export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but may not be signaled.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
