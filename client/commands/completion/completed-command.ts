import type { Command } from "commander";

/** What a shell may complete after a command. */
export interface CompletedCommand {
  name: string;
  description: string;
  /** Values of its first argument, if only these are allowed. */
  values: readonly string[];
  /** Whether its first argument is a file. */
  takesFile: boolean;
  options: readonly CompletedOption[];
}

export interface CompletedOption {
  long: string;
  short: string | undefined;
  description: string;
  takesValue: boolean;
  /** Its values, if only these are allowed. */
  values: readonly string[];
  /** Whether its value is a file or a folder. */
  takesFile: boolean;
}

/** Reads a command's options and arguments. The options do not contain `--help`, which commander adds itself. */
export function completedCommand(command: Command): CompletedCommand {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    values: argument?.argChoices ?? [],
    takesFile: argument?.name() === "script",
    options: command.options.map(({ long, short, description, required, optional, argChoices, flags }) => ({
      long: long ?? "",
      short,
      description,
      takesValue: required || optional,
      values: argChoices ?? [],
      takesFile: /<(?:file|folder)>/.test(flags),
    })),
  };
}
