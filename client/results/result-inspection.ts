import type { ResultItems } from "./result-items.ts";

/** Formats a result in one line, from the facts known so far. Sends no request. */
export function inspectedResult(
  items: ResultItems | undefined,
  jobId: string | undefined,
  label: string | undefined,
): string {
  const about = [jobId === undefined ? "several jobs" : `${jobId.includes(".") ? "task" : "job"} ${jobId}`];
  const name = label ?? items?.parts[0]?.outcomes.header?.label;
  if (name !== undefined) about.push(`label ${JSON.stringify(name)}`);
  return `AsyncResult { ${[...about, ...(items ? progress(items) : ["not read yet"])].join(", ")} }`;
}

function progress(items: ResultItems): string[] {
  const { tasks, missingTasks } = items;
  const refused = items.parts.find(({ outcomes }) => outcomes.failure)?.outcomes.failure;
  let failed = 0;
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++) if (outcomes.isFinal(task) && !outcomes.isOk(task)) failed++;
  return [
    `${tasks - missingTasks} of ${tasks} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(refused && missingTasks > 0 ? [`ended by ${refused.name}`] : []),
  ];
}
