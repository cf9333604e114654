import { crc32 } from "node:zlib";

/** Returns a zip archive with one uncompressed file, the format in which Lambda takes code. */
export function zipFile(name: string, content: Buffer): Buffer {
  const path = Buffer.from(name);
  const described = (signature: number, versions: number[]) => {
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(content), 0);
    sizes.writeUInt32LE(content.length, 4);
    sizes.writeUInt32LE(content.length, 8);
    // Stored uncompressed, dated midnight of the first day that zip supports.
    return Buffer.concat([uint32(signature), ...[...versions, 0, 0, 0, 0x21].map(uint16), sizes, uint16(path.length)]);
  };
  const local = Buffer.concat([described(0x04034b50, [20]), uint16(0), path, content]);
  const unixFile = uint32((0o100644 << 16) >>> 0);
  const directory = Buffer.concat([
    described(0x02014b50, [(3 << 8) | 20, 20]),
    ...[0, 0, 0, 0].map(uint16),
    unixFile,
    uint32(0),
    path,
  ]);
  const end = [
    uint32(0x06054b50),
    ...[0, 0, 1, 1].map(uint16),
    uint32(directory.length),
    uint32(local.length),
    uint16(0),
  ];
  return Buffer.concat([local, directory, ...end]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
