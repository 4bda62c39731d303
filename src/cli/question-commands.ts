// Owns the commands that ask one question of a spec or a store: explain, who-can, what-can, token. Never a command's work
// (program.ts).

import type { Command } from 'commander';
import { type Commands, DIRECTORY, examples, OVERLAY, SECRETS_DIR, STORE } from './commands.ts';
import { parseGeneration, readDirectory, readInstant, readOverlay, readValues } from './usage.ts';

export function addQuestionCommands({ command, terminal, end }: Commands): void {
  withAnswer(
    withRequest(
      command('explain')
        .summary('why a client gets a token, or why not and what would allow it')
        .description(
          'Tell what a client gets, yes and no: with the chain of links and where each is written, and for a no the first ' +
            'missing link and the smallest edits that would allow it. Without --scope, of everything that it could name.',
        )
        .argument('<client>', 'the client: its client_id, Site/Name, or a name that only one has')
        .option('--resource <name>', 'whether it gets through to this resource, and what is missing'),
    ),
  )
    .addHelpText(
      'after',
      examples(
        [
          'charter explain Client1 --dir config',
          'charter explain Client1 --scope Server2 --dir config',
          'charter explain portal --user Shop/ada --scope orders-api --ip 192.0.2.7',
          'charter explain portal --resource orders --user Shop/ada',
          'charter explain Client1 --scope Server2 --generation 7     (could it on that day?)',
          'charter explain Client1 --scope Server2 --json | jq .grants[0].suggestions',
        ],
        ['done', 'failed', 'invalid', 'usage'],
      ),
    )
    .action(async (client: string, options) => {
      const { explain } = await import('./explain.ts');
      end(await explain(client, options, terminal));
    });

  withAnswer(
    command('who-can')
      .summary('who obtains an audience or a scope, gets through to a resource, or may use a function')
      .description(
        'Tell which clients obtain an application as an audience, or a scope: by which grant, as whom or with how many ' +
          'users, and through which groups; and of nobody why. Of a resource, who gets through to it. With --function, which ' +
          'clients may use a function of a role, and for whom.',
      )
      .argument(
        '[name]',
        'an application (client_id, Site/Name, or a name that only one has), a scope, or resource:NAME',
      )
      .option('--function <name>', 'a function of a role, in place of an application or a scope')
      .option('--customer <name>', 'with --function: for this customer (default: for any)')
      .option('--grant <type>', 'by this grant only')
      .option('--ip <address>', 'the address that requests come from (default: any that is allowed)')
      .option('--full', 'tell every user by name, and every link'),
  )
    .addHelpText(
      'after',
      examples(
        [
          'charter who-can ledger-api --dir config',
          'charter who-can refund --full',
          'charter who-can resource:orders',
          'charter who-can --function viewStore --customer mycustomer',
          'charter who-can ledger-api --generation 7',
        ],
        ['done', 'failed', 'invalid', 'usage'],
      ),
    )
    .action(async (name: string | undefined, options) => {
      const { whoCan } = await import('./who-can.ts');
      end(await whoCan(name, options, terminal));
    });

  withAnswer(
    command('what-can')
      .summary('what a client, a user or a group obtains or opens')
      .description(
        'Tell what a client obtains by each of its grants; which clients act as a user and which the user may log in to; what ' +
          'a group opens, and what would be lost without it.',
      )
      .argument(
        '<name>',
        'a client, a user or a group; client:NAME, user:NAME or group:NAME where several are called so',
      )
      .option('--ip <address>', 'the address that requests come from (default: any that is allowed)')
      .option('--full', 'tell everything by name, however much it is'),
  )
    .addHelpText(
      'after',
      examples(
        [
          'charter what-can Client1 --dir config',
          'charter what-can user:Orders/checkout-service',
          'charter what-can group:ledger-writers',
        ],
        ['done', 'failed', 'invalid', 'usage'],
      ),
    )
    .action(async (name: string, options) => {
      const { whatCan } = await import('./what-can.ts');
      end(await whatCan(name, options, terminal));
    });

  withAnswer(
    withRequest(
      command('token')
        .summary('the token that a client would get now, decoded and unsigned')
        .description(
          'Tell what the token says that a client would get now: header and claims, decoded. It is not signed, and what is ' +
            'random is left open. A refusal is explained.',
        )
        .argument('<client>', 'the client: its client_id, Site/Name, or a name that only one has'),
    ),
  )
    .addHelpText(
      'after',
      examples(
        [
          'charter token Client1 --scope Server2 --dir config',
          'charter token portal --grant authorization_code --user Shop/ada',
        ],
        ['done', 'failed', 'invalid', 'usage'],
      ),
    )
    .action(async (client: string, options) => {
      const { token } = await import('./token.ts');
      end(await token(client, options, terminal));
    });
}

/** What a request says. */
function withRequest(command: Command): Command {
  return command
    .option('--grant <type>', "the grant (default: the client's own)")
    .option('--scope <values>', 'what is asked for, with spaces between; may be repeated', readValues)
    .option('--user <name>', 'the user who lets the client act: Site/Name, or a name that only one has')
    .option('--method <name>', 'the method by which the user logged in (default: any that would do)')
    .option('--ip <address>', 'the address that the request comes from (default: any that is allowed)');
}

/** Of which State, and how the answer is told. */
function withAnswer(command: Command): Command {
  return withStates(command).option('--json', 'print the answer as JSON (schema --kind answer)');
}

/** Which State is asked, as of when. */
export function withStates(command: Command): Command {
  return command
    .option('--time <instant>', 'the instant that is asked about: 2027-01-31T12:00:00Z (default: now)', readInstant)
    .option('--dir <dir>', `${DIRECTORY} (default: the current directory); may be repeated`, readDirectory)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
    .option('--store <file>', `ask what is applied instead of a spec: ${STORE}`)
    .option('--generation <number>', 'ask that generation of the store, as of when it was applied', parseGeneration);
}
