import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { type Connection, fantailHome, ownerIsAlive } from "../connection/connection.ts";

/** Thrown when the embedded cluster has ended, so that retrying is useless. Users see it as a ClusterError. */
export class ClusterEnded extends ClusterError {
  override get retryable(): boolean {
    return false;
  }
}

const Note = v.pipe(v.string(), v.parseJson(), v.object({ pid: v.number(), why: v.string() }));

/**
 * Records why a profile's cluster ended by itself, so that later calls can report it. Kept until the profile's next
 * cluster starts.
 */
export function noteEnd(profile: string, pid: number, why: string): void {
  writeFileSync(noteOf(profile), JSON.stringify({ pid, why }), { mode: 0o600 });
}

export function forgetEnd(profile: string): void {
  rmSync(noteOf(profile), { force: true });
}

/**
 * Reads why a profile's last cluster ended, if it ended by itself.
 *
 * @param pid only the end of this process counts. Default: any process
 */
export function notedEnd(profile: string, pid?: number): string | undefined {
  try {
    const note = v.parse(Note, readFileSync(noteOf(profile), "utf8"));
    return pid === undefined || pid === note.pid ? note.why : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the ClusterEnded error for a call that failed because an embedded cluster has ended; undefined for any other
 * failure.
 *
 * @param isDeaf whether the cluster's process refuses connections. If so, this cluster has ended: a restarted one uses
 * other ports.
 */
export function endOf(connection: Connection, error: unknown, isDeaf: boolean): ClusterEnded | undefined {
  const { pid, profile } = connection;
  if (pid === undefined || !(isDeaf || !ownerIsAlive(connection))) return undefined;
  const which = profile === undefined ? "the embedded cluster" : `the cluster of profile ${profile}`;
  const why = (profile && notedEnd(profile, pid)) ?? "it was stopped, or its process was killed";
  const start = profile === undefined || profile === "default" ? "fantail start" : `fantail start --profile ${profile}`;
  return new ClusterEnded(
    `${which} (process ${pid}) is no longer running: ${why}. Start it again with \`${start}\`; tasks and results outlive it only with --data`,
    { cause: error },
  );
}

function noteOf(profile: string): string {
  return join(fantailHome(), `${profile}.ended`);
}
