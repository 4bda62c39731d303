// Owns the definition of `charter keys` and of what is below it. Never its work (program.ts).

import { InvalidArgumentError, Option } from 'commander';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../model/entity.ts';
import { type Commands, examples, STORE } from './commands.ts';
import { readLead } from './usage.ts';

export function addKeysCommand({ command, terminal, end }: Commands): void {
  const keys = command('keys')
    .summary('list, rotate and remove the keys that sign tokens')
    .description(
      'List, rotate and remove the keys that sign tokens. A server follows its store: it takes what is changed here within ' +
        'seconds, without a restart.',
    )
    .usage('list | rotate | remove')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        ['charter keys list', 'charter keys rotate', 'charter keys rotate --alg ES256 --in 1d'],
        ['done', 'failed', 'usage'],
      ),
    );
  const below = (name: string) => keys.command(name).helpOption('-h, --help', 'print this help');

  below('list')
    .summary('list the keys and what each does')
    .description(
      'List the keys of the store, and what each does: signs, will sign, is published still, or may be removed.',
    )
    .option('--store <file>', STORE)
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      examples(['charter keys list', "charter keys list --json | jq '.keys[].kid'"], ['done', 'failed', 'usage']),
    )
    .action(async (options) => {
      const { listKeys } = await import('./keys.ts');
      end(await listKeys(options, terminal));
    });

  below('rotate')
    .summary('make new keys, which sign after they were published for a while')
    .description(
      'Make new keys. They are published at once and sign after a while, so that nobody meets a token of a key that could not ' +
        'be known yet. The keys before them are published for as long as a token that they signed may live, and are then ' +
        'removed by the server.',
    )
    .option('--store <file>', STORE)
    .addOption(
      new Option('--alg <alg>', 'the algorithm to make a key for; may be repeated (default: all)')
        .choices(SIGNING_ALGORITHMS)
        .argParser(readAlgorithm),
    )
    .option('--in <duration>', 'for how long they are published before they sign (default: 1h)', readLead)
    .addOption(new Option('--now', 'sign with them at once: where a key leaked').conflicts('in'))
    .addHelpText(
      'after',
      examples(
        ['charter keys rotate', 'charter keys rotate --in 1d', 'charter keys rotate --alg ES256 --now'],
        ['done', 'failed', 'usage'],
      ),
    )
    .action(async (options) => {
      const { rotateKeys } = await import('./keys.ts');
      end(await rotateKeys(options, terminal));
    });

  below('remove')
    .summary('take a key away at once, because it leaked')
    .description(
      'Take a key away at once: what it signed is refused from then on. The only key of an algorithm is not removed; ' +
        'charter keys rotate --now makes another first. A key that was rotated needs no removal.',
    )
    .argument('<kid>', 'the key, as charter keys list names it')
    .option('--store <file>', STORE)
    .addHelpText(
      'after',
      examples(['charter keys remove 6mW3yUYdKyNTjDcGNJgZTqgAmU3QySDsGoKq9TnBoJs'], ['done', 'failed', 'usage']),
    )
    .action(async (kid: string, options) => {
      const { removeKey } = await import('./keys.ts');
      end(await removeKey(kid, options, terminal));
    });
}

function readAlgorithm(text: string, before: readonly SigningAlgorithm[] = []): readonly SigningAlgorithm[] {
  const found = SIGNING_ALGORITHMS.find((alg) => alg === text);
  if (found !== undefined) return [...before, found];
  throw new InvalidArgumentError(`Allowed choices are ${SIGNING_ALGORITHMS.join(', ')}.`);
}
