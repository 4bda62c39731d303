// Owns the definition of `charter tokens` and of what is below it. Never its work (program.ts).

import { Option } from 'commander';
import { type Commands, examples, STORE } from './commands.ts';
import { parseGeneration } from './usage.ts';

const USER = 'of this user: Site/Name, or a name that only one has';
const CLIENT = 'of this client: its client_id, Site/Name, or a name that only one has';

export function addTokensCommand({ command, terminal, end }: Commands): void {
  const tokens = command('tokens')
    .summary('list what was issued to users and clients, and take it back')
    .description(
      'List what was issued to users and clients, and take it back. A server looks at the store at each request: what ends ' +
        'here is refused there at once, without a restart.',
    )
    .usage('list | revoke')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        [
          'charter tokens list --user Shop/ada',
          'charter tokens revoke --user Shop/ada --client web',
          'charter tokens revoke --client web',
        ],
        ['done', 'failed', 'usage'],
      ),
    );
  const below = (name: string) => tokens.command(name).helpOption('-h, --help', 'print this help');

  below('list')
    .summary('list grants and opaque access tokens, the newest first')
    .description(
      'List the grants of users and clients, and opaque access tokens without one, the newest first: for whom, since when, ' +
        'what was granted, and whether a refresh token can be used ("Refresh, Access") or none can ("Access"). JWTs by ' +
        'client_credentials are kept nowhere; whose those may be is said.',
    )
    .option('--user <name>', USER)
    .option('--client <name>', CLIENT)
    .option('--limit <number>', 'how many to list', parseGeneration, 100)
    .option('--store <file>', STORE)
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      examples(
        [
          'charter tokens list',
          'charter tokens list --user Shop/ada --client web',
          "charter tokens list --client web --json | jq -r '.connections[].id'",
        ],
        ['done', 'failed', 'usage'],
      ),
    )
    .action(async (options) => {
      const { listTokens } = await import('./tokens.ts');
      end(await listTokens(options, terminal));
    });

  below('revoke')
    .summary('end what was issued to a user, to a client, or between both')
    .description(
      'End what was issued to a user, to a client, or between both: grants with every refresh and access token that came from ' +
        'them, opaque access tokens, remembered consents, and codes that were not redeemed; of a user alone the sessions too. ' +
        'With --id, end single rows of charter tokens list. Nobody is kept from logging in and letting an application in ' +
        'again: the spec says who may.',
    )
    .option('--user <name>', `${USER}; ends the sessions of the user too`)
    .option('--client <name>', `${CLIENT}; with --user, between both`)
    .addOption(new Option('--id <id...>', 'these, as charter tokens list names them').conflicts(['user', 'client']))
    .option('--store <file>', STORE)
    .addHelpText(
      'after',
      examples(
        [
          'charter tokens revoke --user Shop/ada',
          'charter tokens revoke --user Shop/ada --client web',
          'charter tokens revoke --id 6mW3yUYdKyNTjDcGNJgZTg',
        ],
        ['done', 'failed', 'usage'],
      ),
    )
    .action(async (options) => {
      const { revokeTokens } = await import('./tokens-revoke.ts');
      end(await revokeTokens(options, terminal));
    });
}
