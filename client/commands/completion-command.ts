import { Argument, Command } from "commander";
import { bashCompletion } from "./completion/bash.ts";
import { type CompletedCommand, completedCommand } from "./completion/completed-command.ts";
import { fishCompletion } from "./completion/fish.ts";
import { zshCompletion } from "./completion/zsh.ts";
import { terminal } from "./terminal.ts";

const SHELLS: Record<string, (commands: readonly CompletedCommand[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `fantail completion`: prints a shell's script that completes commands, options and their values. */
export function completionCommand(): Command {
  return new Command("completion")
    .description("print a script that completes commands and options in your shell")
    .addArgument(new Argument("<shell>", "your shell").choices(Object.keys(SHELLS)))
    .addHelpText(
      "after",
      `
bash: add this line to ~/.bashrc:                  eval "$(fantail completion bash)"
zsh:  add this line to ~/.zshrc, after compinit:   eval "$(fantail completion zsh)"
fish: run once:  fantail completion fish > ~/.config/fish/completions/fantail.fish`,
    )
    .action((shell: string, _: object, { parent }: Command) => {
      const commands = (parent?.commands ?? []).map(completedCommand);
      terminal.out(SHELLS[shell]?.(commands) ?? "");
    });
}
