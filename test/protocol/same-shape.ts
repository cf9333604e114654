/** Returns where two values differ, including sharing, keys, holes and prototypes; undefined if nowhere. */
export function difference(one: unknown, other: unknown): string | undefined {
  return new Comparison().compare(one, other, "value");
}

class Comparison {
  readonly #pairs = new Map<object, object>();
  readonly #back = new Map<object, object>();
  readonly #offsets = new Map<ArrayBufferLike, number>();

  compare(one: unknown, other: unknown, path: string): string | undefined {
    if (typeof one !== "object" || one === null || typeof other !== "object" || other === null)
      return Object.is(one, other) ? undefined : `${path}: ${String(one)} became ${String(other)}`;
    if (this.#pairs.has(one) || this.#back.has(other))
      return this.#pairs.get(one) === other && this.#back.get(other) === one ? undefined : `${path}: shared otherwise`;
    this.#pairs.set(one, other);
    this.#back.set(other, one);
    if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return `${path}: another prototype`;
    return this.#content(one, other, path) ?? this.#fields(one, other, path);
  }

  #content(one: object, other: object, path: string): string | undefined {
    if (one instanceof Map && other instanceof Map)
      return this.compare([...one].flat(), [...other].flat(), `${path} entries`);
    if (one instanceof Set && other instanceof Set) return this.compare([...one], [...other], `${path} members`);
    if (ArrayBuffer.isView(one) && ArrayBuffer.isView(other)) return this.#view(one, other, path);
    if (one instanceof ArrayBuffer && other instanceof ArrayBuffer)
      return this.#bytes(new Uint8Array(one), new Uint8Array(other), path);
    const text = [one, other].map((value) => {
      if (value instanceof Date) return value.getTime();
      if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams) return String(value);
      return /^\[object (Number|String|Boolean|BigInt)\]$/.test(Object.prototype.toString.call(value))
        ? value.valueOf()
        : "";
    });
    return this.compare(text[0], text[1], path);
  }

  #view(one: ArrayBufferView, other: ArrayBufferView, path: string): string | undefined {
    const [bytes, others] = [one, other].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    if (!bytes || !others) return path;
    const shared = this.#pairs.get(one.buffer);
    this.#pairs.set(one.buffer, other.buffer);
    this.#back.set(other.buffer, one.buffer);
    if (shared && shared !== other.buffer) return `${path}: another buffer than views of the same one`;
    const offset = one.byteOffset - other.byteOffset;
    if (shared && this.#offsets.has(one.buffer) && this.#offsets.get(one.buffer) !== offset)
      return `${path}: views moved`;
    this.#offsets.set(one.buffer, offset);
    return this.#bytes(bytes, others, path);
  }

  #bytes(one: Uint8Array, other: Uint8Array, path: string): string | undefined {
    return Buffer.compare(one, other) === 0 ? undefined : `${path}: other bytes`;
  }

  #fields(one: object, other: object, path: string): string | undefined {
    const [keys, others] = [one, other].map((value) => {
      const own = Reflect.ownKeys(value).filter((key) => !ArrayBuffer.isView(value) || Number.isNaN(Number(key)));
      return value instanceof Error ? own.sort() : own;
    });
    if (keys?.length !== others?.length || keys?.some((key, at) => key !== others?.[at]))
      return `${path}: keys ${keys?.map(String).join()} became ${others?.map(String).join()}`;
    for (const key of keys ?? []) {
      const [a, b] = [one, other].map((value) => Object.getOwnPropertyDescriptor(value, key));
      if (a?.enumerable !== b?.enumerable) return `${path}[${String(key)}]: listed otherwise`;
      const inner = this.compare(a?.value, b?.value, `${path}[${JSON.stringify(String(key))}]`);
      if (inner) return inner;
    }
    return undefined;
  }
}
