import { Piscina, version } from "piscina";
import { drive } from "./node-driver.ts";

await drive(async (engines) => {
  const pool = new Piscina({
    filename: new URL("./piscina-worker.js", import.meta.url).href,
    name: "runTask",
    minThreads: engines,
    maxThreads: engines,
  });
  return {
    versions: { piscina: version },
    takesBytes: true,
    run: (task) => pool.run(task),
    runAll: (tasks) => Promise.all(tasks.map((task) => pool.run(task))),
    close: () => pool.destroy(),
  };
});
