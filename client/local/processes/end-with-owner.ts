import { rmSync } from "node:fs";
import process from "node:process";

/** How long an orderly shutdown may take, in milliseconds. */
const GRACE_MS = 3_000;

/** What to do once the parent process has ended. */
export interface OwnerGone {
  /** Closes what this process has open. */
  close?: (() => Promise<unknown>) | undefined;
  /** Leader of the process group to kill, including processes that are stuck in a loop. */
  group: number;
  /** Folder to remove, after everything is closed. */
  folder?: string | undefined;
}

/**
 * Ends this process and its process group, and removes its folder, when the parent's end of the IPC channel closes. The
 * channel also closes when the parent is killed. Calls `gone` at that moment.
 */
export function endWithOwner(gone: () => OwnerGone): void {
  process.once("disconnect", () => {
    const { close, group, folder } = gone();
    const end = () => {
      try {
        if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      } catch {
        // A process of the group is still writing to the folder. The next cloud removes it when it starts.
      }
      endGroup(group);
      process.exit();
    };
    setTimeout(end, GRACE_MS);
    Promise.resolve(close?.()).then(end, end);
  });
}

/**
 * Kills every process of a process group, including this one if it is in the group. Does nothing on Windows, which has
 * no groups.
 */
export function endGroup(group: number): void {
  if (process.platform === "win32") return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // There is no such group.
  }
}
