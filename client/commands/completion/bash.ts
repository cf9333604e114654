import type { CompletedCommand } from "./completed-command.ts";

/** A script for bash. If none of fantail's words fits, bash completes files. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ long, short, values: words }) => {
        const patterns = [long, short].filter(Boolean).map((option) => `${name}:${option}`);
        return `    ${patterns.join("|")}) words=${quoted(words)} ;;`;
      }),
  );
  const words = commands.map(({ name, options, values: own }) => {
    const all = [...own, ...options.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]), "--help"];
    return `      ${name}) words=${quoted(all)} ;;`;
  });
  return `_fantail() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "\${COMP_WORDS[1]}:$prev" in
${values.join("\n")}
    *) case "\${COMP_WORDS[1]}" in
${words.join("\n")}
      esac
      if [ "$COMP_CWORD" -eq 1 ]; then words=${quoted([...commands.map(({ name }) => name), "help", "--help", "--version"])}; fi ;;
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$cur") )
}
complete -o default -F _fantail fantail
`;
}

/** Names of commands, options and values contain neither quotes nor spaces. */
function quoted(words: readonly string[]): string {
  return `"${words.join(" ")}"`;
}
