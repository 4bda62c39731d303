// Owns the completion script for bash, 3.2 of macOS included: no associative arrays, no bash-completion package.

import type { CompletedCommand, Values } from './words.ts';

export function bashScript(program: CompletedCommand): string {
  const all = flattened(program);
  return `# Completes charter in bash. Made by: charter completion bash
_charter() {
  local current previous path word index
  current=\${COMP_WORDS[COMP_CWORD]}
  previous=\${COMP_WORDS[COMP_CWORD-1]}
  path=
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$path $word" in
${branches(all.filter(({ path }) => path.length > 0).map(({ path }) => [pathPattern(path), `path="$path $word"`]))}
    esac
  done
  case "$path $previous" in
${branches(
  all.flatMap(({ path, options }) =>
    options.flatMap(({ names, value }) =>
      value === undefined ? [] : [[names.map((name) => quoted(path, name)).join('|'), `${reply(value)}; return`]],
    ),
  ),
)}
  esac
  if [[ $current == -* ]]; then
    case "$path" in
${branches(all.map(({ path, options }) => [quoted(path), reply(words(options.flatMap(({ names }) => names)))]))}
    esac
    return
  fi
  case "$path" in
${branches(all.map(({ path, commands, value }) => [quoted(path), reply(commands.length > 0 ? words(commands.map(nameOf)) : value)]))}
  esac
}
_charter_names() {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$1" -- "$2")
}
complete -F _charter charter
`;
}

/** The program and all its commands, those above first. */
export function flattened(command: CompletedCommand): readonly CompletedCommand[] {
  return [command, ...command.commands.flatMap(flattened)];
}

export function nameOf({ path }: CompletedCommand): string {
  return path.at(-1) ?? '';
}

function words(list: readonly string[]): Values {
  return { kind: 'words', words: list };
}

/** The path as the script builds it: each word behind a space. */
function quoted(path: readonly string[], ...more: readonly string[]): string {
  return `"${[...path, ...more].map((word) => ` ${word}`).join('')}"`;
}

function pathPattern(path: readonly string[]): string {
  return quoted(path);
}

function branches(list: readonly (readonly string[])[]): string {
  return list.map(([pattern = '', action = '']) => `      ${pattern}) ${action} ;;`).join('\n');
}

function reply(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W '${values.words.join(' ')}' -- "$current"))`;
    case 'files':
      return '_charter_names -f "$current"';
    case 'directories':
      return '_charter_names -d "$current"';
    case 'nothing':
      return ':';
  }
}
