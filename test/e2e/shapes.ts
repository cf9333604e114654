import { registerClass } from "../../lambdas/authoring/register-class.ts";

/** Classes that tests register, in the client's process and in deployed functions. */

export class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  norm(): number {
    return Math.hypot(this.x, this.y);
  }
  plus(other: Point): Point {
    return new Point(this.x + other.x, this.y + other.y);
  }
}
registerClass(Point);

/** Refers to other instances, and to itself. */
export class Shape {
  readonly name: string;
  corners: Point[] = [];
  parent: Shape | undefined;
  parts: Shape[] = [];
  constructor(name: string) {
    this.name = name;
  }
  add(part: Shape): this {
    part.parent = this;
    this.parts.push(part);
    return this;
  }
  get size(): number {
    return this.corners.reduce((sum, corner) => sum + corner.norm(), 0);
  }
}
registerClass(Shape);

/** Has state that cannot be read from outside. */
export class Money {
  readonly #cents: bigint;
  constructor(cents: bigint) {
    this.#cents = cents;
  }
  get cents(): bigint {
    return this.#cents;
  }
  twice(): Money {
    return new Money(this.#cents * 2n);
  }
}
registerClass(Money, { serialize: (money) => money.cents, deserialize: (cents) => new Money(cents) });

export class NoDisk extends Error {
  readonly disk: string;
  constructor(disk: string) {
    super(`no disk ${disk}`);
    this.disk = disk;
  }
}
registerClass(NoDisk);
