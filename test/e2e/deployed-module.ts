import { task } from "../../client/task.ts";
import { depend } from "../../client/views/requires.ts";
import { Point } from "./shapes.ts";

/** Functions that the test clouds deploy. Clients import only the types. */

export function area(width: number, height: number): number {
  return width * height;
}

export function areas(sizes: readonly (readonly [number, number])[]): number[] {
  return sizes.map(([width, height]) => area(width, height));
}

export async function engine(): Promise<number> {
  return task().engineId;
}

/** Submits itself by name. */
export async function fibonacci(n: number): Promise<number> {
  if (n < 2) return n;
  const { view } = task();
  const [a, b] = await Promise.all([view.apply(fibonacci, n - 1), view.apply(fibonacci, n - 2)]);
  return a + b;
}

/** Tries to send code from within a task. */
export async function smuggle(): Promise<unknown> {
  try {
    return await task().view.apply(() => "smuggled");
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return [code, message];
  }
}

export function fail(message: string): never {
  throw new RangeError(`no ${message}`);
}

export function hasDevice(name: string): boolean {
  return process.env.DEVICE === name;
}

export const onDevice = depend(hasDevice, "gpu")(async (x: number) => [x, task().engineId]);

/** Takes and returns instances of a class registered by its module. */
export function move(point: Point, by: number): Point {
  if (!(point instanceof Point)) throw new TypeError("not a point");
  return point.plus(new Point(by, by));
}

let calls = 0;
export function count(_: number): number {
  calls++;
  return calls;
}

export const limit = 5;
