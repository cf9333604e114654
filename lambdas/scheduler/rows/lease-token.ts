import * as v from "valibot";
import type { Engine } from "../../core/engine.ts";
import type { EngineEvent } from "../../protocol/engine-event.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { jobRow } from "../../protocol/job-row.ts";
import { TOKEN_CHARS } from "../../protocol/report-messages.ts";
import { engineKey, jobKey } from "../../protocol/rows.ts";
import type { Clock, Log } from "../ports/scheduler-ports.ts";
import { engineOf, engineRow } from "./engine-rows.ts";
import type { EngineReads, TokenAccess } from "./row-access.ts";
import { signedText, signText } from "./signed-text.ts";
import { readSigningKey, signingKey } from "./signing-key.ts";

/** Maximum age of an accepted token, in milliseconds. It allows for clocks that differ by a few seconds. */
const ACCEPTED_MS = 10_000;

const TokenContent = v.strictObject({
  engine: v.number(),
  rev: v.number(),
  /** Body of the engine's row. */
  body: v.string(),
  job: v.string(),
  /** Body of the job's row. */
  header: v.string(),
  /** Epoch milliseconds. */
  signed: v.number(),
});

const TokenText = v.pipe(v.string(), v.parseJson(), TokenContent);

/** The content of a token: the engine as the scheduler wrote it, and the header of its first lease's job. */
export interface LeaseToken {
  engine: Engine;
  header: JobHeader;
}

/**
 * Signs the engine's row and its job's header. The engine returns the token with its first report, so that the report
 * function, which knows the key, too, need not read these rows.
 *
 * @returns the fields of the event; `undefined` if the token would be too long, or there is no key
 */
export async function leaseToken(
  cluster: TokenAccess,
  engine: Engine,
  header: JobHeader,
): Promise<Required<Pick<EngineEvent, "token" | "signed">> | undefined> {
  const key = await signingKey(cluster);
  if (key === undefined) return undefined;
  const { rev = 0, body } = engineRow(engine);
  const signed = cluster.now();
  const content: v.InferOutput<typeof TokenContent> = {
    engine: engine.id,
    rev,
    body,
    job: header.id,
    header: jobRow.encode(header),
    signed,
  };
  const token = signText(key, JSON.stringify(content));
  return token.length <= TOKEN_CHARS ? { token, signed } : undefined;
}

/** Opens a token that this cluster has recently signed; `undefined` for any other text. */
export async function openToken(cluster: EngineReads & Log & Clock, token: string): Promise<LeaseToken | undefined> {
  const key = await readSigningKey(cluster);
  const parsed = v.safeParse(TokenText, key === undefined ? undefined : signedText(key, token));
  if (!parsed.success) return undefined;
  const { engine, rev, body, job, header, signed } = parsed.output;
  if (Math.abs(cluster.now() - signed) > ACCEPTED_MS) return undefined;
  return {
    engine: engineOf({ ...engineKey(engine), rev, body }),
    header: jobRow.parse({ ...jobKey(job), body: header }),
  };
}
