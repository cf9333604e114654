import { Buffer } from "node:buffer";
import { invariant } from "../../../lambdas/protocol/invariant.ts";

/**
 * A message between the cloud and an execution environment. On a socket it consists of its length, a kind, a short
 * header, and a payload that is passed through without being parsed.
 *
 * The payload already is JSON text. Node's own IPC would stringify it again on one side and parse it again on the
 * other.
 */
export interface Frame {
  kind: FrameKind;
  /** JSON text, or empty. */
  header: string;
  payload: Buffer;
}

export const FRAME_KINDS = ["invoke", "ready", "ok", "error", "invalid", "fatal"] as const;
/**
 * The cloud sends `invoke`. The environment sends `ready` once its module is loaded, then for each invocation `ok`
 * (what the handler returned), `error` (what it threw) or `invalid` (the payload is not JSON). After `fatal`, an error,
 * it exits.
 */
export type FrameKind = (typeof FRAME_KINDS)[number];

/** Bytes before the header: length of the rest (4), kind (1), length of the header (2). */
const PREFIX = 7;

export function encodeFrame(kind: FrameKind, header: string, payload: Uint8Array | string): Buffer {
  const headerBytes = Buffer.byteLength(header);
  const payloadBytes = typeof payload === "string" ? Buffer.byteLength(payload) : payload.byteLength;
  const frame = Buffer.allocUnsafe(PREFIX + headerBytes + payloadBytes);
  frame.writeUInt32LE(PREFIX - 4 + headerBytes + payloadBytes, 0);
  frame.writeUInt8(FRAME_KINDS.indexOf(kind), 4);
  frame.writeUInt16LE(headerBytes, 5);
  frame.write(header, PREFIX);
  if (typeof payload === "string") frame.write(payload, PREFIX + headerBytes);
  else frame.set(payload, PREFIX + headerBytes);
  return frame;
}

/** Splits a stream of bytes into frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = PREFIX;

  /** Adds the next bytes and returns the frames completed by them. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Frame[] = [];
    // Join chunks only once a whole frame may be there: a large payload arrives in many chunks.
    while (this.#bytes >= this.#wanted) {
      const joined = this.#chunks.length === 1 ? (this.#chunks[0] ?? chunk) : Buffer.concat(this.#chunks);
      const end = joined.readUInt32LE(0) + 4;
      invariant(end >= PREFIX, "a frame is shorter than its prefix");
      if (joined.length < end) {
        this.#keep(joined, end);
        break;
      }
      frames.push(decodeFrame(joined.subarray(0, end)));
      this.#keep(joined.subarray(end), PREFIX);
    }
    return frames;
  }

  #keep(rest: Buffer, wanted: number): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#wanted = wanted;
  }
}

function decodeFrame(frame: Buffer): Frame {
  const kind = FRAME_KINDS[frame.readUInt8(4)];
  invariant(kind !== undefined, "a frame has an unknown kind");
  const payloadAt = PREFIX + frame.readUInt16LE(5);
  invariant(payloadAt <= frame.length, "a frame is shorter than its header");
  return { kind, header: frame.toString("utf8", PREFIX, payloadAt), payload: frame.subarray(payloadAt) };
}
