import { BucketStore } from "../../client/local/s3/store/bucket-store.ts";
import { putAs } from "./random-objects.ts";

/**
 * A process that writes objects until it is killed. It announces each write before it starts and confirms it
 * afterwards: `begin KEY VERSION SIZE`, `end`.
 */

const [, , folder = "", seed = "1"] = process.argv;
const bucket = new BucketStore(folder);
let state = Number(seed);
/** Draws from a seeded generator, so that failures can be repeated. */
const draw = (below: number) => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return state % below;
};

for (let version = 1; ; version++) {
  const [key, size] = [`key ${draw(4)}`, draw(3) === 0 ? 600_000 + draw(900_000) : draw(60_000)];
  process.stdout.write(`begin ${key}\t${version}\t${size}\n`);
  await putAs(bucket, key, version, size);
  process.stdout.write("end\n");
}
