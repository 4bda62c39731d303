// Owns the completion script for fish: one line for each command, option and value.

import { flattened, nameOf } from './bash.ts';
import type { CompletedCommand, Values } from './words.ts';

export function fishScript(program: CompletedCommand): string {
  const lines = flattened(program).flatMap((command) => {
    const here = `complete -c charter -n ${quote(condition(command))}`;
    return [
      ...command.commands.map((one) => `${here} -a ${quote(nameOf(one))} -d ${quote(one.summary)}`),
      ...command.options.map(({ names, summary, value }) => {
        const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
        const given =
          value === undefined ? '' : ` ${value.kind === 'files' ? '-r' : '-x'} ${argument(value)}`.trimEnd();
        return `${here} ${flags.join(' ')}${given} -d ${quote(summary)}`;
      }),
      ...(command.commands.length > 0 || command.value.kind === 'nothing'
        ? []
        : [`${here} ${argument(command.value)}`]),
    ];
  });
  return `# Completes charter in fish. Made by: charter completion fish
function __charter_at
    set -l given (commandline -opc)
    set -e given[1]
    set -l path
    for word in $given
        switch "$path $word"
            case ${flattened(program)
              .filter(({ path }) => path.length > 0)
              .map(({ path }) => quote([...(path.length > 1 ? [] : ['']), ...path].join(' ')))
              .join(' ')}
                set -a path $word
        end
    end
    test "$path" = "$argv[1]"
end
complete -c charter -f
${lines.join('\n')}
`;
}

function condition({ path }: CompletedCommand): string {
  return `__charter_at ${quote(path.join(' '))}`;
}

function argument(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-a ${quote(values.words.join(' '))}`;
    case 'files':
      return '-F';
    case 'directories':
      return "-a '(__fish_complete_directories (commandline -ct))'";
    case 'nothing':
      return '';
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
