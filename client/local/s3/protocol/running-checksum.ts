import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** A checksum computed incrementally. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/** Begins a CRC-32, which Node's zlib computes natively. */
export function runningCrc32(): RunningChecksum {
  let crc = 0;
  return {
    update: (bytes) => {
      crc = crc32(bytes, crc);
    },
    digest: () => bigEndian(crc),
  };
}

const BITS = 8;
const BYTE_VALUES = 256;
/** The polynomials of CRC-32C and CRC-64/NVME, with their bits reversed. */
const CASTAGNOLI = 0x82f63b78;
const NVME_HIGH = 0x9a6c9329;
const NVME_LOW = 0xac4bc9b5;

let castagnoli: Uint32Array | undefined;

export function runningCrc32c(): RunningChecksum {
  castagnoli ??= Uint32Array.from({ length: BYTE_VALUES }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < BITS; bit++) crc = (crc >>> 1) ^ ((crc & 1) * CASTAGNOLI);
    return crc;
  });
  const table = castagnoli;
  let crc = 0xffffffff;
  return {
    update: (bytes) => {
      for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
    },
    digest: () => bigEndian(~crc),
  };
}

let nvme: { high: Uint32Array; low: Uint32Array } | undefined;

function nvmeTables(): { high: Uint32Array; low: Uint32Array } {
  const [highs, lows] = [new Uint32Array(BYTE_VALUES), new Uint32Array(BYTE_VALUES)];
  for (let byte = 0; byte < BYTE_VALUES; byte++) {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < BITS; bit++) {
      const isOdd = low & 1;
      low = ((low >>> 1) | (high << 31)) ^ (isOdd * NVME_LOW);
      high = (high >>> 1) ^ (isOdd * NVME_HIGH);
    }
    highs[byte] = high;
    lows[byte] = low;
  }
  return { high: highs, low: lows };
}

/** Begins a CRC-64/NVME. It is kept in two halves of 32 bits, because `bigint` is ten times slower. */
export function runningCrc64Nvme(): RunningChecksum {
  nvme ??= nvmeTables();
  const tables = nvme;
  let [high, low] = [0xffffffff, 0xffffffff];
  return {
    update: (bytes) => {
      for (const byte of bytes) {
        const at = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (tables.low[at] ?? 0);
        high = (high >>> 8) ^ (tables.high[at] ?? 0);
      }
    },
    digest: () => Buffer.concat([bigEndian(~high), bigEndian(~low)]),
  };
}

function bigEndian(word: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(word >>> 0);
  return bytes;
}
