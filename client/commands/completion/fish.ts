import type { CompletedCommand } from "./completed-command.ts";

/** A script for fish, which shows descriptions too. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options, values, takesFile }) => {
    const inside = `complete -c fantail -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c fantail -n __fish_use_subcommand -a ${name} -d ${literal(description)}`,
      ...(values.length > 0 ? [`${inside} -a ${literal(values.join(" "))}`] : []),
      ...(takesFile ? [`${inside} -F`] : []),
      ...options.map(({ long, short, description: text, takesValue, values: own, takesFile: isFile }) =>
        [
          `${inside} -l ${long.slice(2)}`,
          ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
          ...(takesValue ? [isFile ? "-r -F" : "-x"] : []),
          ...(own.length > 0 ? [`-a ${literal(own.join(" "))}`] : []),
          `-d ${literal(text)}`,
        ].join(" "),
      ),
    ];
  });
  return `${["complete -c fantail -f", ...lines].join("\n")}\n`;
}

function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
