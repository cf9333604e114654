import fc from "fast-check";

/** A character of any plane, without lone surrogates. fast-check's own `binary` takes a second of CPU in each process. */
const character = fc
  .integer({ min: 0, max: 0x10_ff_ff - 0x800 })
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));
/** Mostly characters below U+0100, where control characters and the ASCII are. */
const unit = fc.oneof({ weight: 2, arbitrary: fc.nat(0xff).map((code) => String.fromCodePoint(code)) }, character);

/** Any text that has a form in UTF-8. */
export function unicodeText(constraints: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit });
}
