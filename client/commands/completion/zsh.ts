import type { CompletedCommand, CompletedOption } from "./completed-command.ts";

/** Offers no values. With a message in their place, zsh would list options without inserting them. */
const NOTHING = "*:id:()";

/** A script for zsh, which shows descriptions too. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, description }) => `    ${literal(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, values, takesFile }) => {
    const first = values.length > 0 ? `*:value:(${values.join(" ")})` : takesFile ? "*:file:_files" : NOTHING;
    return [
      `    ${name}) _arguments \\`,
      ...options.map((option) => `      ${spec(option)} \\`),
      `      ${literal(first)} ;;`,
    ];
  });
  return `#compdef fantail
_fantail() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.flat().join("\n")}
  esac
}
compdef _fantail fantail
`;
}

/** An option in zsh's `_arguments` format: the names that exclude each other, then its names, description and value. */
function spec({ long, short, description, takesValue, values, takesFile }: CompletedOption): string {
  const value = values.length > 0 ? `(${values.join(" ")})` : takesFile ? "_files" : " ";
  const rest = `[${description.replace(/[[\]\\:]/g, "\\$&")}]${takesValue ? `:value:${value}` : ""}`;
  return short === undefined ? literal(`${long}${rest}`) : `'(${short} ${long})'{${short},${long}}${literal(rest)}`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
