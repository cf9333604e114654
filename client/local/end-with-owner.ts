import { rmSync } from "node:fs";
import process from "node:process";

/** Longest that an orderly end may take. */
const GRACE_MS = 3_000;

/** What to do once the process that started this one is gone. */
export interface OwnerGone {
  /** Closes what is open. */
  close?: (() => Promise<unknown>) | undefined;
  /** Leader of the group whose processes end with this one, even those that are busy in a loop. */
  group: number;
  /** Removed at the very end. */
  folder?: string | undefined;
}

/**
 * Ends this process, its whole group and its folder when the owner's end of the IPC channel closes, as it
 * does too when the owner is killed. Asked for `gone` at that moment.
 */
export function endWithOwner(gone: () => OwnerGone): void {
  process.once("disconnect", () => {
    const { close, group, folder } = gone();
    const end = () => {
      try {
        if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      } catch {
        // Somebody in the group is still writing there. The next cloud's start removes it.
      }
      endGroup(group);
      process.exit();
    };
    setTimeout(end, GRACE_MS);
    Promise.resolve(close?.()).then(end, end);
  });
}

/** Kills every process of a group that this process is in, itself included. Windows has no groups. */
export function endGroup(group: number): void {
  if (process.platform === "win32") return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // The group has no leader of this name: nothing was detached, so nothing is left.
  }
}
