/** Represents a field that cannot be read, such as the stack of an error whose message is a symbol. Never encoded. */
export class UnreadableField {
  /** The message of the error that reading the field threw. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The field's value, or an `UnreadableField` if reading it throws. */
export function fieldOf(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key);
  } catch (error) {
    return new UnreadableField(error instanceof Error ? error.message : String(error));
  }
}
