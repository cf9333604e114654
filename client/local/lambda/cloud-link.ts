import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import { type MessagePort, parentPort } from "node:worker_threads";
import { encodeFrame, type FrameKind, FrameReader } from "./frames.ts";

/** An environment's end of its connection to the cloud: a socket (descriptor 3), or the port of a thread. */
export interface CloudLink {
  send(kind: FrameKind, payload: string): void;
  /** Calls `invoked` with each invocation's header and event. */
  listen(invoked: (header: string, payload: Buffer) => void): void;
  /** Sends the reason why there will be no answers, then ends this process or thread with an error. */
  end(fatal: string): void;
  /** Makes the link keep this process or thread alive. */
  ref(): void;
  /** Lets this process or thread end although the link is open. */
  unref(): void;
}

export function cloudLink(): CloudLink {
  return parentPort ? portLink(parentPort) : socketLink();
}

function socketLink(): CloudLink {
  const socket = new Socket({ fd: 3, readable: true, writable: true });
  // The parent process has ended, so nothing waits for an answer.
  socket.on("close", () => process.exit(0));
  socket.on("error", () => process.exit(0));
  return {
    send: (kind, payload) => void socket.write(encodeFrame(kind, "", payload)),
    listen(invoked) {
      const frames = new FrameReader();
      socket.on("data", (chunk: Buffer) => {
        for (const { header, payload } of frames.push(chunk)) invoked(header, payload);
      });
    },
    end: (fatal) => void socket.end(encodeFrame("fatal", "", fatal), () => process.exit(1)),
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
  };
}

function portLink(port: MessagePort): CloudLink {
  return {
    send: (kind, payload) => port.postMessage({ kind, payload }),
    listen(invoked) {
      port.on("message", ({ header, payload }: { header: string; payload: Uint8Array<ArrayBuffer> }) =>
        invoked(header, Buffer.from(payload.buffer)),
      );
    },
    end(fatal) {
      port.postMessage({ kind: "fatal" satisfies FrameKind, payload: fatal });
      process.exit(1);
    },
    ref: () => port.ref(),
    unref: () => port.unref(),
  };
}
