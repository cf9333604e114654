/** Crockford's base 32, the alphabet of job ids. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ID_DIGITS = 26;

/** The job id for an idempotency key: 130 bits of the key's hash. The hash must have at least 17 bytes. */
export function keyedJobId(hash: Uint8Array): string {
  let id = "";
  let bits = 0;
  let held = 0;
  for (const byte of hash) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5 && id.length < ID_DIGITS) {
      held -= 5;
      id += DIGITS[(bits >> held) & 31];
    }
    bits &= (1 << held) - 1;
  }
  return id;
}
