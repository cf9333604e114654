import { expect, test } from "vitest";
import { checksumAlgorithm, runningChecksum } from "../../client/local/s3/protocol/checksum.ts";

/** Check values from catalogues of CRCs, and from FIPS 180. */
const CHECKS = {
  CRC32: "cbf43926",
  CRC32C: "e3069283",
  CRC64NVME: "ae8b14860a799888",
  SHA1: "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
  SHA256: "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
};

test.each(Object.entries(CHECKS))(
  "%s of the check text has the catalogue's value, in one piece or in many",
  (name, check) => {
    const [whole, pieces] = [runningChecksum(checksumAlgorithm(name)), runningChecksum(checksumAlgorithm(name))];
    whole.update(Buffer.from("123456789"));
    for (const digit of "123456789") pieces.update(Buffer.from(digit));
    expect(whole.digest().toString("hex")).toBe(check);
    expect(pieces.digest().toString("hex")).toBe(check);
  },
);

test("an unknown algorithm is refused by its name", () => {
  expect(() => checksumAlgorithm("xxhash3")).toThrow("does not implement checksums by XXHASH3");
});
